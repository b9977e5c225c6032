package org.openmmp.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.TlsPolicy;

/** A store of IMAP or POP3 that has a fault, in the time of a {@link FaultyGroup}. */
final class FaultyStore {
  static final String PASSWORD = "Secret-of-bob-7Qx";
  private static final long WIRE_MILLIS = 1;

  final StoreHost host;
  final boolean imap;
  final TlsPolicy tls;
  StoreFault fault;

  /** Whom it names where it refers. */
  StoreHost refersTo;

  int dials;
  int passwords;
  int sessions;
  boolean passwordInClear;

  FaultyStore(StoreHost host, boolean imap, TlsPolicy tls, StoreFault fault) {
    this.host = host;
    this.imap = imap;
    this.tls = tls;
    this.fault = fault;
    this.refersTo = host;
  }

  /** What its peer hears of a connection. */
  interface Peer {
    void after(long millis, Runnable what);

    void connected();

    void received(byte[] octets);

    void secured();

    void lost(AttemptOutcome outcome);
  }

  /** Whether it is of a kind that hears no name. */
  boolean everDown() {
    return fault.down();
  }

  Connection dialled(Peer peer) {
    dials++;
    Connection connection = new Connection(peer);
    connection.begin();
    return connection;
  }

  /** How a question for its greeting ends, and after how many milliseconds. */
  AttemptOutcome answerToProbe() {
    return switch (fault) {
      case REFUSES -> AttemptOutcome.CONNECTION_REFUSED;
      case BAD_CERTIFICATE -> AttemptOutcome.TLS_FAILED;
      case BYE -> AttemptOutcome.REFUSED_GREETING;
      case DROPS_SYN,
          HANGS_AT_ACCEPT,
          HANGS_BEHIND_TLS,
          HANGS_BEHIND_GREETING,
          RESETS,
          ONE_OCTET_A_SECOND ->
          AttemptOutcome.UNREACHABLE;
      case NONE, HANGS_BEHIND_LOGIN, REFERS, TEMPORARY_ERROR, WRONG_PASSWORD ->
          AttemptOutcome.GREETED;
    };
  }

  /** One connection; nothing is said on it once it is over. */
  final class Connection {
    private final Peer peer;
    private final StringBuilder lines = new StringBuilder();
    private boolean secure;
    private boolean over;

    private Connection(Peer peer) {
      this.peer = peer;
    }

    void end() {
      over = true;
    }

    private void begin() {
      switch (fault) {
        case REFUSES -> lose(AttemptOutcome.CONNECTION_REFUSED, WIRE_MILLIS);
        case DROPS_SYN -> lose(AttemptOutcome.UNREACHABLE, FaultyGroup.CONNECT.toMillis());
        default -> later(WIRE_MILLIS, this::accepted);
      }
    }

    private void accepted() {
      if (fault == StoreFault.RESETS) {
        if (tls == TlsPolicy.IMPLICIT) {
          lose(AttemptOutcome.TLS_FAILED, 0);
        } else {
          peer.connected();
          lose(AttemptOutcome.UNREACHABLE, 0);
        }
      } else if (tls != TlsPolicy.IMPLICIT) {
        peer.connected();
        greet();
      } else if (fault == StoreFault.BAD_CERTIFICATE) {
        lose(AttemptOutcome.TLS_FAILED, WIRE_MILLIS);
      } else if (fault == StoreFault.HANGS_AT_ACCEPT) {
        lose(AttemptOutcome.TLS_FAILED, FaultyGroup.CONNECT.toMillis() - WIRE_MILLIS);
      } else {
        later(
            WIRE_MILLIS,
            () -> {
              secure = true;
              peer.connected();
              greet();
            });
      }
    }

    private void greet() {
      switch (fault) {
        case HANGS_AT_ACCEPT -> {}
        case HANGS_BEHIND_TLS -> {
          if (tls == TlsPolicy.STARTTLS) {
            say(greeting());
          }
        }
        case ONE_OCTET_A_SECOND -> drip(greeting(), 0);
        case BYE -> say(imap ? "* BYE [UNAVAILABLE] going down" : "-ERR [SYS/TEMP] going down");
        default -> say(greeting());
      }
    }

    private String greeting() {
      return imap ? "* OK a store that is ready" : "+OK a store that is ready";
    }

    private void drip(String text, int at) {
      if (at < text.length()) {
        later(
            1_000,
            () -> {
              peer.received(text.substring(at, at + 1).getBytes(ISO_8859_1));
              drip(text, at + 1);
            });
      }
    }

    /** The front end sent that. */
    void heard(byte[] octets) {
      String text = new String(octets, ISO_8859_1);
      if (text.contains(PASSWORD)
          || text.contains(java.util.Base64.getEncoder().encodeToString(message()))) {
        passwords++;
        passwordInClear |= !secure;
      }
      lines.append(text);
      List<String> whole = new ArrayList<>();
      for (int end = lines.indexOf("\r\n"); end >= 0; end = lines.indexOf("\r\n")) {
        whole.add(lines.substring(0, end));
        lines.delete(0, end + 2);
      }
      later(WIRE_MILLIS, () -> whole.forEach(this::obey));
    }

    private byte[] message() {
      return ("\0BOB\0" + PASSWORD).getBytes(ISO_8859_1);
    }

    private void obey(String line) {
      if (over || fault == StoreFault.HANGS_BEHIND_GREETING) {
        return;
      }
      if (fault == StoreFault.HANGS_BEHIND_TLS && secure) {
        return;
      }
      String[] words = line.split(" ", -1);
      String tag = imap ? words[0] : "";
      String verb = words[Math.min(words.length - 1, imap ? 1 : 0)].toUpperCase(Locale.ROOT);
      switch (verb) {
        case "CAPABILITY" ->
            say(
                "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN"
                    + (secure || tls != TlsPolicy.STARTTLS ? "" : " STARTTLS")
                    + "\r\n"
                    + tag
                    + " OK listed");
        case "CAPA" ->
            say(
                "+OK listed\r\nUSER\r\nRESP-CODES\r\nSASL PLAIN\r\n"
                    + (secure || tls != TlsPolicy.STARTTLS ? "" : "STLS\r\n")
                    + ".");
        case "STARTTLS", "STLS" -> {
          say(imap ? tag + " OK begin" : "+OK begin");
          secureThere();
        }
        case "USER" -> say("+OK who");
        case "LOGIN", "AUTHENTICATE", "PASS", "AUTH" -> answer(tag);
        case "ID", "NOOP" -> say(imap ? tag + " OK done" : "+OK done");
        default -> {} // LOGOUT and QUIT, whose answer nobody waits for
      }
    }

    private void secureThere() {
      if (fault == StoreFault.BAD_CERTIFICATE) {
        lose(AttemptOutcome.TLS_FAILED, 2 * WIRE_MILLIS);
      } else {
        later(
            2 * WIRE_MILLIS,
            () -> {
              secure = true;
              peer.secured();
            });
      }
    }

    private void answer(String tag) {
      switch (fault) {
        case HANGS_BEHIND_LOGIN -> {}
        case TEMPORARY_ERROR ->
            say(imap ? tag + " NO [UNAVAILABLE] not now" : "-ERR [SYS/TEMP] not now");
        case WRONG_PASSWORD ->
            say(imap ? tag + " NO [AUTHENTICATIONFAILED] wrong" : "-ERR [AUTH] wrong");
        case REFERS ->
            say(
                imap
                    ? tag + " OK [REFERRAL imap://" + refersTo.name() + "/] the master is there"
                    : "-ERR [SYS/REFER/" + refersTo.name() + "] the master is there");
        default -> {
          sessions++;
          say(imap ? tag + " OK logged in" : "+OK logged in");
        }
      }
    }

    private void say(String line) {
      later(WIRE_MILLIS, () -> peer.received((line + "\r\n").getBytes(ISO_8859_1)));
    }

    private void lose(AttemptOutcome outcome, long millis) {
      later(
          millis,
          () -> {
            over = true;
            peer.lost(outcome);
          });
    }

    private void later(long millis, Runnable what) {
      peer.after(
          millis,
          () -> {
            if (!over) {
              what.run();
            }
          });
    }
  }
}
