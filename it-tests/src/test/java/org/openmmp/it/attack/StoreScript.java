package org.openmmp.it.attack;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/**
 * The script of a store that behaves, unless it is told otherwise. In what it says {@code %t}
 * stands for the command's tag.
 */
abstract class StoreScript implements ScriptedStore.Script {
  /** A login that arrived. */
  record Login(String authzid, String user, String password) {
    @Override
    public String toString() {
      return user;
    }
  }

  private final List<Login> logins = new CopyOnWriteArrayList<>();
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private final String accepted;
  private final String refused;
  private TlsPolicy security = TlsPolicy.OFF;
  private @Nullable SSLContext context;
  private String capabilities;
  private String greeting;
  private ScriptedStore.@Nullable Script mailbox;
  private boolean singleOctets;
  private String startTlsAnswer;
  private Function<Login, String> answer;

  /**
   * A script with the words of its protocol.
   *
   * @param greeting the first line
   * @param capabilities as {@link #capabilities} takes them
   * @param startTlsAnswer what begins TLS
   * @param accepted the answer to a login
   * @param refused the answer to a login with a wrong password
   */
  StoreScript(
      String greeting,
      String capabilities,
      String startTlsAnswer,
      String accepted,
      String refused) {
    this.greeting = greeting;
    this.capabilities = capabilities;
    this.startTlsAnswer = startTlsAnswer;
    this.accepted = accepted;
    this.refused = refused;
    this.answer = login -> accepted;
  }

  /** A store that behaves. */
  static StoreScript of(MailProtocol protocol) {
    return switch (protocol) {
      case IMAP -> new ImapScript();
      case POP3 -> new Pop3Script();
    };
  }

  /** Plays the store behind its greeting; ends when the connection does. */
  abstract void talk(StorePeer peer) throws IOException;

  /** Under TLS from its first byte, or after STARTTLS or STLS. */
  StoreScript secured(TlsPolicy policy, SSLContext with) {
    security = policy;
    context = with;
    return this;
  }

  /** What it lists, in the form of its protocol. */
  StoreScript capabilities(String list) {
    capabilities = list;
    return this;
  }

  StoreScript greeting(String line) {
    greeting = line;
    return this;
  }

  /** All that is sent for STARTTLS or STLS; the handshake follows only if it says OK. */
  StoreScript startTlsAnswer(String octets) {
    startTlsAnswer = octets;
    return this;
  }

  /** All that is sent for a login; an empty text is silence. */
  StoreScript answer(Function<Login, String> octets) {
    answer = octets;
    return this;
  }

  /** The same for every login. */
  StoreScript answer(String octets) {
    return answer(login -> octets);
  }

  /** What is done with a connection once its login was accepted; it ends behind that. */
  StoreScript mailbox(ScriptedStore.Script script) {
    mailbox = script;
    return this;
  }

  /** The answer to a login goes out octet by octet from now on. */
  StoreScript inSingleOctets() {
    singleOctets = true;
    return this;
  }

  /** Forgets what came so far. */
  void forget() {
    logins.clear();
    commands.clear();
  }

  /** Refuses one password from now on. */
  StoreScript refusing(String password) {
    return answer(login -> login.password().equals(password) ? refused : accepted);
  }

  /** Accepts every login from now on. */
  StoreScript accepting() {
    return answer(accepted);
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
    if (security == TlsPolicy.IMPLICIT && context != null) {
      peer.startTls(context);
    }
    peer.say(greeting);
    talk(peer);
  }

  String listed() {
    return capabilities;
  }

  /** Whether it offers to begin TLS. */
  boolean startsTls() {
    return security == TlsPolicy.STARTTLS && context != null;
  }

  /** Answers the command that begins TLS, and begins it; false if it does not. */
  boolean startTls(StorePeer peer, String tag) throws IOException {
    peer.send(startTlsAnswer.replace("%t", tag));
    boolean begins = startTlsAnswer.startsWith("%t OK") || startTlsAnswer.startsWith("+OK");
    if (begins && context != null) {
      peer.startTls(context);
    }
    return begins;
  }

  /** A command came after login. */
  void came(String command) {
    commands.add(command);
  }

  /** Answers a login; returns the answer. */
  String answer(StorePeer peer, String tag, Login login) throws IOException {
    logins.add(login);
    String octets = answer.apply(login).replace("%t", tag);
    int step = singleOctets ? 1 : Math.max(1, octets.length());
    for (int at = 0; at < octets.length(); at += step) {
      peer.send(octets.substring(at, at + step));
    }
    if (mailbox != null && octets.equals(accepted.replace("%t", tag))) {
      mailbox.play(peer);
      throw new EOFException("the script is over");
    }
    return octets;
  }

  /** The login in a message of PLAIN or XOAUTH2, in base64. */
  static Login message(String base64) {
    String message = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    if (message.startsWith("user=")) {
      String[] fields = message.split("\1", -1);
      return new Login(
          "", fields[0].substring("user=".length()), fields[1].substring("auth=Bearer ".length()));
    }
    String[] parts = message.split("\0", -1);
    return new Login(parts[0], parts[1], parts[2]);
  }

  /** Octets as the text that they are in UTF-8. */
  static String utf8(String octets) {
    return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
