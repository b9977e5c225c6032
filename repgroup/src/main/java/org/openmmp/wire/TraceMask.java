package org.openmmp.wire;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.SafeText;

/**
 * Lines of one connection for an administrator's eyes, without what a client proves itself by, and
 * without mail (rule B8.10).
 *
 * <p>Before the login only words of a fixed list are shown; so nothing that was not recognized can
 * be seen, however it is written or cut. After the login a client's command is shown if its word is
 * known, and what the store answers if its word is. LMTP has no login: there commands that are
 * known are shown. A literal, a message, and what stands between quotation marks where mail is
 * fetched are never shown. Not more than {@link #RUN} lines are shown of what goes one way without
 * an answer. On one thread.
 */
public final class TraceMask {
  /** Lines one way that are shown; the rest is counted. */
  public static final int RUN = 20;

  /** What stands for whatever is not shown. */
  public static final String MASK = "***";

  private static final int MOST_ASKED = 1_000;
  private static final Set<String> MECHANISMS =
      words(
          "PLAIN LOGIN EXTERNAL CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256"
              + " SCRAM-SHA-256-PLUS SCRAM-SHA-512 OAUTHBEARER XOAUTH2 GSSAPI GS2-KRB5 NTLM"
              + " ANONYMOUS");
  private static final Set<String> IMAP_BEFORE =
      words("CAPABILITY NOOP LOGOUT STARTTLS LOGIN AUTHENTICATE ID ENABLE COMPRESS");
  private static final Set<String> IMAP_AFTER =
      words(
          "CAPABILITY NOOP LOGOUT ENABLE SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE"
              + " LIST LSUB NAMESPACE STATUS APPEND IDLE CHECK CLOSE UNSELECT EXPUNGE SEARCH FETCH"
              + " STORE COPY MOVE UID SORT THREAD GETQUOTA GETQUOTAROOT GETACL MYRIGHTS NOTIFY"
              + " COMPRESS REPLACE ESEARCH LOGIN AUTHENTICATE ID");
  private static final Set<String> IMAP_DONE = Set.of("DONE");
  private static final Set<String> IMAP_STATUS = words("OK NO BAD BYE PREAUTH");

  /** What a store says after the login of its own accord; numbers stand before the last four. */
  private static final Set<String> IMAP_DATA =
      words(
          "OK NO BYE CAPABILITY ENABLED LIST LSUB STATUS SEARCH ESEARCH SORT THREAD FLAGS NAMESPACE"
              + " QUOTA QUOTAROOT ACL MYRIGHTS VANISHED EXISTS RECENT EXPUNGE FETCH");

  private static final Set<String> IMAP_CAPABILITIES =
      words(
          "IMAP4 IMAP4REV1 IMAP4REV2 SASL-IR LOGIN-REFERRALS MAILBOX-REFERRALS ID ENABLE IDLE"
              + " STARTTLS LOGINDISABLED LITERAL+ LITERAL- NAMESPACE UIDPLUS UNSELECT CHILDREN MOVE"
              + " QUOTA ACL SORT CONDSTORE QRESYNC ESEARCH BINARY CATENATE COMPRESS=DEFLATE"
              + " SPECIAL-USE LIST-EXTENDED LIST-STATUS UTF8=ACCEPT");
  private static final Set<String> CODES =
      words(
          "ALERT AUTHENTICATIONFAILED AUTHORIZATIONFAILED CONTACTADMIN EXPIRED INUSE LIMIT"
              + " PRIVACYREQUIRED REFERRAL SERVERBUG UNAVAILABLE CAPABILITY"
              + " AUTH SYS/TEMP SYS/PERM IN-USE LOGIN-DELAY");
  private static final Set<String> POP3_BEFORE =
      words("USER PASS APOP AUTH CAPA STLS QUIT NOOP UTF8 LANG XCLIENT");
  private static final Set<String> POP3_AFTER =
      words("STAT LIST RETR DELE NOOP RSET TOP UIDL QUIT CAPA UTF8 LANG LAST USER PASS APOP AUTH");
  private static final Set<String> POP3_CAPABILITIES =
      words(
          "TOP UIDL USER SASL STLS RESP-CODES AUTH-RESP-CODE PIPELINING EXPIRE LOGIN-DELAY UTF8"
              + " LANG IMPLEMENTATION");

  /** Answers of many lines that are mail, and lists; these only where no argument follows. */
  private static final Set<String> POP3_MAIL = words("RETR TOP");

  private static final Set<String> POP3_LISTS = words("CAPA AUTH LIST UIDL");
  private static final Set<String> LMTP =
      words(
          "LHLO EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY STARTTLS XCLIENT XFORWARD HELP"
              + " AUTH");

  /** Whose arguments are never shown. */
  private static final Set<String> CREDENTIALS =
      words("LOGIN AUTHENTICATE ID USER PASS APOP AUTH XCLIENT");

  private final String service;
  private final BiConsumer<Boolean, String> lines;
  private final TracedOctets client = new TracedOctets();
  private final TracedOctets server = new TracedOctets();

  /** POP3 commands that are not answered yet, each with its word if that makes a difference. */
  private final Queue<String> asked = new ArrayDeque<>();

  private boolean loggedIn;
  private boolean exchange;

  /** A message passes, one way or the other. */
  private boolean message;

  private boolean messageSeen;
  private boolean messageWanted;

  /** Of which POP3 command a list passes; empty if none does. */
  private String list = "";

  /** Whose answer says whether a literal comes; null if none is waited for. */
  private @Nullable String literalTag;

  /** Whose answer says whether lines end from now on; null if none is waited for. */
  private @Nullable String compressTag;

  /** No lines pass any more. */
  private boolean dark;

  private boolean lastByClient;
  private int run;
  private long untold;

  /**
   * For one connection, at its beginning.
   *
   * @param service {@code imap}, {@code pop3} or {@code lmtp}
   * @param lines is given whether the client's side says it, and the masked line
   */
  public TraceMask(String service, BiConsumer<Boolean, String> lines) {
    this.service = service;
    this.lines = lines;
  }

  private static Set<String> words(String all) {
    return Set.of(all.split(" "));
  }

  /** The client is let in; lines that begin from now on are those of a session. */
  public void loggedIn() {
    loggedIn = true;
  }

  /** Takes octets, cut anywhere, up to the buffer's end. */
  public void sent(boolean byClient, ByteBuffer octets) {
    TracedOctets way = byClient ? client : server;
    while (octets.hasRemaining()) {
      if (way.skips(octets)) {
        tell(byClient, MASK);
      } else if (way.takesLine(octets, loggedIn)) {
        endLine(byClient, way);
      }
    }
  }

  /** Nothing follows: what is left is told. */
  public void end() {
    for (boolean byClient : new boolean[] {true, false}) {
      TracedOctets way = byClient ? client : server;
      if (way.takesRest()) {
        endLine(byClient, way);
      }
    }
    tellUntold();
  }

  private void endLine(boolean byClient, TracedOctets line) {
    String shown = byClient ? ofClient(line) : ofServer(line);
    line.forget();
    if (shown != null) {
      tell(byClient, shown);
    }
  }

  private void tell(boolean byClient, String shown) {
    if (byClient != lastByClient) {
      tellUntold();
      run = 0;
      lastByClient = byClient;
    }
    if (run < RUN) {
      run++;
      lines.accept(byClient, SafeText.of(shown));
    } else {
      untold++;
    }
  }

  private void tellUntold() {
    if (untold > 0) {
      lines.accept(lastByClient, "(" + untold + " more lines)");
      untold = 0;
    }
  }

  /** One line of a message; null if it was told that there is one. */
  private @Nullable String ofMessage(TracedOctets line) {
    if (line.isDot()) {
      message = false;
      return ".";
    }
    boolean first = !messageSeen;
    messageSeen = true;
    return first ? MASK : null;
  }

  private void beginMessage() {
    message = true;
    messageSeen = false;
    messageWanted = false;
  }

  /** No text is made of what is not shown: it may be a password. */
  private @Nullable String ofClient(TracedOctets line) {
    boolean imap = service.equals("imap");
    boolean lmtp = service.equals("lmtp");
    if (lmtp && message) {
      return ofMessage(line);
    }
    boolean continues = line.continues();
    if (imap) {
      line.followLiteral();
    }
    if (exchange || dark) {
      return MASK;
    }
    if (continues) {
      return line.isEmpty() ? null : MASK;
    }
    int from = imap ? line.behindWord(0) : 0;
    String word = line.among(known(line.after()), from);
    int next = line.behindWord(from);
    note(word, line, next);
    if (word.isEmpty()) {
      boolean done = imap && line.after() && !line.among(IMAP_DONE, 0).isEmpty();
      return done ? "DONE" : MASK;
    }
    boolean shown = (line.after() || lmtp) && !CREDENTIALS.contains(word);
    if (shown && imap) {
      // What a message is put together of may be a key to another one.
      String text = line.text();
      int parts = text.toUpperCase(Locale.ROOT).indexOf("CATENATE");
      return parts < 0 ? text : text.substring(0, parts) + MASK;
    } else if (shown) {
      return line.text();
    }
    StringBuilder masked = new StringBuilder(imap ? MASK + " " : "").append(word);
    String mechanism = exchange ? line.among(MECHANISMS, next) : "";
    if (!mechanism.isEmpty()) {
      masked.append(' ').append(mechanism);
      next = line.behindWord(next);
    }
    return masked.append(line.reaches(next) ? " " + MASK : "").toString();
  }

  /** A command begins what is not made of commands, or asks for it. */
  private void note(String word, TracedOctets line, int next) {
    exchange = word.equals("AUTH") || word.equals("AUTHENTICATE");
    switch (service) {
      case "imap" -> {
        literalTag = line.after() && line.continues() ? tag(line) : null;
        compressTag = word.equals("COMPRESS") ? tag(line) : compressTag;
      }
      case "pop3" -> {
        boolean many =
            POP3_MAIL.contains(word) || (POP3_LISTS.contains(word) && !line.reaches(next));
        if (!line.isEmpty() && asked.size() < MOST_ASKED) {
          asked.add(many ? word : "");
        } else if (!line.isEmpty()) {
          dark = true;
        }
      }
      default -> {
        if (word.equals("BDAT")) {
          line.skip(line.number(next));
        } else if (word.equals("DATA")) {
          beginMessage();
        }
      }
    }
  }

  private static String tag(TracedOctets line) {
    return line.text().split(" ", 2)[0];
  }

  private Set<String> known(boolean after) {
    return switch (service) {
      case "imap" -> after ? IMAP_AFTER : IMAP_BEFORE;
      case "pop3" -> after ? POP3_AFTER : POP3_BEFORE;
      default -> LMTP;
    };
  }

  private @Nullable String ofServer(TracedOctets line) {
    return switch (service) {
      case "imap" -> ofImapServer(line, line.text().split(" ", 3));
      case "pop3" -> ofPop3Server(line, line.text());
      default -> ofLmtpServer(line.text());
    };
  }

  private @Nullable String ofImapServer(TracedOctets line, String[] words) {
    if (dark) {
      return MASK;
    }
    boolean continues = line.continues();
    line.followLiteral();
    if (continues) {
      return line.isEmpty() ? null : line.after() ? unquoted(line.text()) : MASK;
    }
    String first = words[0];
    String word = words.length > 1 ? words[1].toUpperCase(Locale.ROOT) : "";
    boolean after = line.after();
    if (first.equals("+")) {
      return after && !exchange ? line.text() : words.length > 1 ? "+ " + MASK : "+";
    }
    boolean untagged = first.equals("*");
    boolean status = IMAP_STATUS.contains(word);
    boolean wasExchange = exchange;
    if (!untagged && status) {
      answered(first, word.equals("OK"));
    }
    String tag = untagged ? first : MASK;
    if (status && (!after || wasExchange || word.equals("BAD"))) {
      return tag + " " + word + (words.length > 2 ? code(words[2]) : "");
    } else if (untagged && word.equals("CAPABILITY")) {
      return "* CAPABILITY" + (words.length > 2 ? capabilities(words[2]) : "");
    } else if (!after || wasExchange) {
      return MASK;
    } else if (!untagged) {
      return status ? line.text() : MASK;
    }
    boolean number = word.matches("\\d+") && words.length > 2;
    String data = number ? words[2].split(" ", 2)[0].toUpperCase(Locale.ROOT) : word;
    return !IMAP_DATA.contains(data)
        ? "* " + MASK
        : data.equals("FETCH") ? unquoted(line.text()) : line.text();
  }

  private void answered(String tag, boolean done) {
    exchange = false;
    if (tag.equals(literalTag)) {
      client.dropLiteral();
    }
    if (tag.equals(compressTag)) {
      dark = done;
      compressTag = null;
    }
  }

  /** Without what stands between quotation marks, which may be of a message. */
  private static String unquoted(String text) {
    return text.replaceAll("\"(\\\\.|[^\"\\\\])*+(\"|\\\\?$)", '"' + MASK + '"');
  }

  private static String capabilities(String all) {
    return Arrays.stream(all.toUpperCase(Locale.ROOT).split(" "))
        .map(
            each ->
                IMAP_CAPABILITIES.contains(each)
                        || (each.startsWith("AUTH=") && MECHANISMS.contains(each.substring(5)))
                    ? each
                    : MASK)
        .distinct()
        .collect(Collectors.joining(" ", " ", ""));
  }

  private @Nullable String ofPop3Server(TracedOctets line, String text) {
    if (message) {
      return ofMessage(line);
    }
    if (!list.isEmpty()) {
      return ofPop3List(line, text);
    }
    String[] words = text.split(" ", 2);
    String first = words[0];
    if (first.equals("+")) {
      return words.length > 1 ? "+ " + MASK : "+";
    }
    boolean done = first.equals("+OK");
    if (!done && !first.equals("-ERR")) {
      return MASK;
    }
    String command = asked.poll();
    boolean shown = line.after() && !exchange && !dark && done && command != null;
    exchange = false;
    if (done && command != null && POP3_MAIL.contains(command)) {
      beginMessage();
    } else if (done && command != null) {
      list = command;
    }
    return shown ? text : first + (words.length > 1 ? code(words[1]) : "");
  }

  private String ofPop3List(TracedOctets line, String text) {
    String of = list;
    if (line.isDot()) {
      list = "";
      return ".";
    }
    if (of.equals("LIST") || of.equals("UIDL")) {
      return line.after() ? text : MASK;
    }
    String[] words = text.split(" ", 2);
    boolean known = (of.equals("AUTH") ? MECHANISMS : POP3_CAPABILITIES).contains(words[0]);
    return known ? words[0] + (words.length > 1 ? " " + MASK : "") : MASK;
  }

  /** A response code of a text, which itself may be an echo. */
  private static String code(String text) {
    int end = text.indexOf(']');
    String name = text.startsWith("[") && end > 0 ? text.substring(1, end).split(" ", 2)[0] : "";
    return CODES.contains(name) ? " [" + name + "] " + MASK : " " + MASK;
  }

  private String ofLmtpServer(String line) {
    boolean wasExchange = exchange;
    @Nullable String code = line.matches("[2-5]\\d\\d([ -].*)?") ? line.substring(0, 3) : null;
    if (code == null) {
      return MASK;
    }
    exchange &= code.equals("334") || line.startsWith("-", 3);
    if (code.equals("354")) {
      beginMessage();
      messageWanted = true;
    } else if (line.matches("[45].*") && !messageWanted) {
      message = false;
    }
    boolean echo = wasExchange || code.equals("334") || code.matches("50\\d");
    return echo ? code + (line.length() > 3 ? " " + MASK : "") : line;
  }
}
