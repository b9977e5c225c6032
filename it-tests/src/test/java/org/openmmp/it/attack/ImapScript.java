package org.openmmp.it.attack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.TlsPolicy;

/**
 * The script of an IMAP store that behaves, unless it is told otherwise. In what it says {@code %t}
 * stands for the command's tag.
 */
final class ImapScript implements ScriptedStore.Script {
  /** Capabilities of a store that takes a password in one line. */
  static final String SASL = "IMAP4rev1 SASL-IR AUTH=PLAIN ID LITERAL+ IDLE";

  /** Capabilities of a store that knows LOGIN only. */
  static final String LOGIN_ONLY = "IMAP4rev1 IDLE";

  /** A login that arrived. */
  record Login(String authzid, String user, String password) {
    @Override
    public String toString() {
      return user;
    }
  }

  private final List<Login> logins = new CopyOnWriteArrayList<>();
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private TlsPolicy security = TlsPolicy.OFF;
  private @Nullable SSLContext context;
  private String capabilities = SASL;
  private String greeting = "* OK ready";
  private boolean singleOctets;
  private String startTlsAnswer = "%t OK begin\r\n";
  private Function<Login, String> answer = login -> "%t OK [CAPABILITY IMAP4rev1] in\r\n";

  /** Under TLS from its first byte, or after STARTTLS. */
  ImapScript secured(TlsPolicy policy, SSLContext with) {
    security = policy;
    context = with;
    return this;
  }

  ImapScript capabilities(String list) {
    capabilities = list;
    return this;
  }

  ImapScript greeting(String line) {
    greeting = line;
    return this;
  }

  /** All that is sent for STARTTLS; the handshake follows only if it says OK. */
  ImapScript startTlsAnswer(String octets) {
    startTlsAnswer = octets;
    return this;
  }

  /** All that is sent for a login; an empty text is silence. */
  ImapScript answer(Function<Login, String> octets) {
    answer = octets;
    return this;
  }

  /** The same for every login. */
  ImapScript answer(String octets) {
    return answer(login -> octets);
  }

  /** The answer to a login goes out octet by octet from now on. */
  ImapScript inSingleOctets() {
    singleOctets = true;
    return this;
  }

  /** Forgets what came so far. */
  void forget() {
    logins.clear();
    commands.clear();
  }

  /** Refuses one password from now on. */
  ImapScript refusing(String password) {
    return answer(
        login ->
            login.password().equals(password)
                ? "%t NO [AUTHENTICATIONFAILED] no\r\n"
                : "%t OK [CAPABILITY IMAP4rev1] in\r\n");
  }

  /** Logins that came, accepted or not. */
  List<Login> logins() {
    return List.copyOf(logins);
  }

  /** Who logged in, in order. */
  List<String> users() {
    return logins.stream().map(Login::user).toList();
  }

  /** Commands after login, without their tags, in order. */
  List<String> commands() {
    return List.copyOf(commands);
  }

  @Override
  public void play(StorePeer peer) throws IOException {
    boolean mayStartTls = security == TlsPolicy.STARTTLS && context != null;
    if (security == TlsPolicy.IMPLICIT && context != null) {
      peer.startTls(context);
    }
    peer.say(greeting);
    boolean authenticated = false;
    for (String line = peer.line(); line != null; line = peer.line()) {
      String[] words = line.split(" ", 3);
      String tag = words[0];
      String name = words.length < 2 ? "" : words[1].toUpperCase(Locale.ROOT);
      String rest = words.length < 3 ? "" : words[2];
      if (authenticated) {
        inMailbox(peer, tag, line.substring(tag.length()).strip());
      } else if (name.equals("STARTTLS") && mayStartTls && context != null) {
        peer.send(startTlsAnswer.replace("%t", tag));
        if (startTlsAnswer.startsWith("%t OK")) {
          peer.startTls(context);
          mayStartTls = false;
        }
      } else if (name.equals("CAPABILITY")) {
        peer.say("* CAPABILITY " + capabilities + (mayStartTls ? " STARTTLS" : ""));
        peer.say(tag + " OK done");
      } else if (name.equals("LOGIN") || name.equals("AUTHENTICATE")) {
        authenticated = logIn(peer, tag, name, rest);
      } else if (name.equals("LOGOUT")) {
        peer.say("* BYE bye");
        peer.say(tag + " OK bye");
        return;
      } else {
        peer.say(
            tag + " " + (name.equals("ID") || name.equals("NOOP") ? "OK" : "BAD") + " " + name);
      }
    }
  }

  private boolean logIn(StorePeer peer, String tag, String name, String rest) throws IOException {
    Login login = name.equals("LOGIN") ? plain(peer, rest) : sasl(peer, rest);
    logins.add(login);
    String octets = answer.apply(login).replace("%t", tag);
    int step = singleOctets ? 1 : Math.max(1, octets.length());
    for (int at = 0; at < octets.length(); at += step) {
      peer.send(octets.substring(at, at + step));
    }
    return octets.isEmpty() || octets.contains(tag + " OK");
  }

  private static Login sasl(StorePeer peer, String rest) throws IOException {
    String[] words = rest.split(" ", 2);
    if (words.length == 1) {
      peer.say("+ ");
    }
    String base64 = words.length == 1 ? String.valueOf(peer.line()) : words[1];
    String message = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    String[] parts = message.split("\0", -1);
    return new Login(parts[0], parts[1], parts[2]);
  }

  private static Login plain(StorePeer peer, String rest) throws IOException {
    StringBuilder left = new StringBuilder(rest);
    String user = astring(peer, left);
    String password = astring(peer, left);
    return new Login("", user, password);
  }

  private static String astring(StorePeer peer, StringBuilder left) throws IOException {
    String text = left.toString();
    if (text.startsWith("{")) {
      int size = Integer.parseInt(text.substring(1, text.length() - 1).replace("+", ""));
      if (!text.contains("+")) {
        peer.say("+ go on");
      }
      String literal = peer.octets(size);
      left.setLength(0);
      left.append(String.valueOf(peer.line()).stripLeading());
      return new String(literal.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
    StringBuilder value = new StringBuilder();
    boolean quoted = text.startsWith("\"");
    int at = quoted ? 1 : 0;
    while (at < text.length() && text.charAt(at) != (quoted ? '"' : ' ')) {
      at += quoted && text.charAt(at) == '\\' ? 1 : 0;
      value.append(text.charAt(at));
      at++;
    }
    left.setLength(0);
    left.append(text.substring(Math.min(text.length(), at + (quoted ? 1 : 0))).stripLeading());
    return value.toString();
  }

  private void inMailbox(StorePeer peer, String tag, String command) throws IOException {
    if (command.equals("CAPABILITY")) {
      peer.say("* CAPABILITY IMAP4rev1");
    } else {
      commands.add(command);
    }
    if (command.toUpperCase(Locale.ROOT).startsWith("FETCH")) {
      peer.say("* 1 FETCH (BODY[] {7}\r\nmessage)");
    }
    peer.say(tag + " OK " + command.split(" ", 2)[0]);
  }
}
