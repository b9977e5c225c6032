package org.openmmp.storesim.imap;

import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.CommandSyntaxException;
import org.openmmp.storesim.session.LoginDesk;
import org.openmmp.storesim.session.LoginProof;
import org.openmmp.storesim.session.LoginVerdict;
import org.openmmp.storesim.session.SessionHandler;
import org.openmmp.storesim.session.SessionPhase;

/** A session up to its login: greeting, STARTTLS, LOGIN and AUTHENTICATE, referrals and faults. */
final class ImapLoginPhase implements SessionPhase<ImapLine> {
  private static final String ALWAYS = "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE LOGIN-REFERRALS";

  private final StoreNode node;
  private final ImapOutput out;
  private final SessionHandler<ImapLine> session;
  private final LoginDesk desk;
  private @Nullable Exchange exchange;

  ImapLoginPhase(String service, ImapOutput out, SessionHandler<ImapLine> session) {
    this.node = session.node();
    this.out = out;
    this.session = session;
    this.desk = new LoginDesk(service, out, session);
  }

  private record Exchange(String tag, String mechanism) {}

  @Override
  public void begin() {
    if (node.behaviour().fault() == Fault.GREET_BYE) {
      out.untagged("BYE " + node.name() + " takes no connections now");
      out.close();
      return;
    }
    StoreNode.Target target = desk.refer(ReferralForm.GREETING, "");
    if (target == null) {
      out.untagged("OK [CAPABILITY " + capabilities() + "] " + node.name() + " ready");
      out.flush();
    } else {
      out.untagged("BYE [REFERRAL " + ImapReferralCode.url(target, "") + "] Try the master");
      out.close();
    }
  }

  @Override
  public void onLine(ImapLine line) {
    Exchange open = exchange;
    exchange = null;
    ImapScanner scanner = new ImapScanner(line);
    String tag = open == null ? "*" : open.tag();
    try {
      if (open != null) {
        onSaslMessage(open, line.first());
      } else {
        tag = scanner.atom("]");
        scanner.space();
        onCommand(tag, scanner.keyword(), scanner);
      }
    } catch (CommandSyntaxException e) {
      out.tagged(tag, "BAD " + e.getMessage());
    }
  }

  private void onCommand(String tag, String command, ImapScanner scanner) {
    switch (command) {
      case "CAPABILITY" -> {
        out.untagged("CAPABILITY " + capabilities());
        out.tagged(tag, "OK done");
      }
      case "NOOP" -> out.tagged(tag, "OK done");
      case "ID" -> {
        scanner.space();
        node.counters().clientIdSeen(IdCommand.read(scanner));
        out.untagged(IdCommand.OURS);
        out.tagged(tag, "OK done");
      }
      case "LOGOUT" -> {
        out.untagged("BYE logging out");
        out.tagged(tag, "OK done");
        out.close();
      }
      case "STARTTLS" -> startTls(tag);
      case "LOGIN" -> login(tag, scanner);
      case "AUTHENTICATE" -> authenticate(tag, scanner);
      default -> throw new CommandSyntaxException("Log in first");
    }
  }

  private void startTls(String tag) {
    if (!session.offersTls()) {
      throw new CommandSyntaxException("No STARTTLS now");
    }
    out.tagged(tag, "OK begin TLS");
    session.startTls();
  }

  private void login(String tag, ImapScanner scanner) {
    scanner.space();
    String user = scanner.astring();
    scanner.space();
    String password = scanner.astring();
    scanner.end();
    prove(tag, LoginProof.password(user, password));
  }

  private void authenticate(String tag, ImapScanner scanner) {
    scanner.space();
    String mechanism = scanner.keyword();
    if (!LoginProof.MECHANISMS.contains(mechanism)) {
      out.tagged(tag, "NO [CANNOT] No such mechanism");
    } else if (scanner.skip(' ')) {
      prove(tag, LoginProof.decode(mechanism, scanner.rest()));
    } else {
      exchange = new Exchange(tag, mechanism);
      out.goOn("");
    }
  }

  private void onSaslMessage(Exchange open, String message) {
    if (message.equals("*")) {
      throw new CommandSyntaxException("Cancelled");
    }
    prove(open.tag(), LoginProof.decode(open.mechanism(), message));
  }

  private void prove(String tag, LoginProof proof) {
    desk.present(proof, verdict -> answer(tag, proof.user(), verdict));
  }

  private void answer(String tag, String user, LoginVerdict verdict) {
    switch (verdict.kind()) {
      case TLS_FIRST -> out.tagged(tag, "NO [PRIVACYREQUIRED] TLS first");
      case TEMPORARY_ERROR -> out.tagged(tag, "NO [UNAVAILABLE] Temporarily out of order");
      case MAILBOX_IN_USE -> out.tagged(tag, "NO [INUSE] Another session holds the mailbox");
      case WRONG -> out.tagged(tag, "NO [AUTHENTICATIONFAILED] Wrong user or password");
      case TROUBLE -> out.tagged(tag, verdict.trouble().imap());
      case NO_MASTER -> out.tagged(tag, "NO [UNAVAILABLE] No master is known");
      case REFERRED ->
          refer(tag, user, "[REFERRAL " + ImapReferralCode.url(verdict.target(), user) + "]");
      case WELCOME -> {
        admit(user);
        out.tagged(tag, "OK [CAPABILITY " + ImapMailPhase.CAPABILITIES + "] Logged in");
      }
    }
  }

  private void refer(String tag, String user, String code) {
    if (node.behaviour().referralForm() == ReferralForm.ACCEPTING) {
      admit(user);
      out.untagged("CAPABILITY " + ImapMailPhase.CAPABILITIES);
      out.tagged(tag, "OK " + code + " Logged in, the master is there");
    } else {
      out.tagged(tag, "NO " + code + " Log in there");
    }
  }

  private void admit(String user) {
    node.counters().loginAccepted();
    session.enter(new ImapMailPhase(node, user, out, session));
  }

  private String capabilities() {
    return ALWAYS
        + (session.offersTls() ? " STARTTLS" : "")
        + (session.takesLogins()
            ? " AUTH=" + String.join(" AUTH=", LoginProof.MECHANISMS)
            : " LOGINDISABLED");
  }
}
