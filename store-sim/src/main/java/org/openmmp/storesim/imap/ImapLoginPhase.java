package org.openmmp.storesim.imap;

import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeRole;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreNode;
import org.openmmp.wire.Secret;

/** A session up to its login: greeting, STARTTLS, LOGIN and AUTHENTICATE, referrals and faults. */
final class ImapLoginPhase implements ImapPhase {
  private static final String ALWAYS = "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE LOGIN-REFERRALS";
  private static final String MECHANISMS = " AUTH=PLAIN AUTH=OAUTHBEARER AUTH=XOAUTH2";

  private final StoreNode node;
  private final String service;
  private final StoreTls tls;
  private final ImapOutput out;
  private final ImapConnectionHandler connection;
  private @Nullable Exchange exchange;

  ImapLoginPhase(
      StoreNode node,
      String service,
      StoreTls tls,
      ImapOutput out,
      ImapConnectionHandler connection) {
    this.node = node;
    this.service = service;
    this.tls = tls;
    this.out = out;
    this.connection = connection;
  }

  private record Exchange(String tag, String mechanism) {}

  void greet() {
    StoreNode.Target target =
        node.behaviour().referralForm() == ReferralForm.BYE ? node.referralFor("", service) : null;
    if (node.behaviour().fault() == Fault.GREET_BYE) {
      out.untagged("BYE " + node.name() + " takes no connections now");
      out.close();
    } else if (target != null) {
      node.counters().referralGiven();
      out.untagged("BYE [REFERRAL " + ImapReferral.url(target, "") + "] Try the master");
      out.close();
    } else {
      out.untagged("OK [CAPABILITY " + capabilities() + "] " + node.name() + " ready");
      out.flush();
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
    } catch (ImapSyntaxException e) {
      out.tagged(tag, "BAD " + e.getMessage());
    }
  }

  @Override
  public void onClosed() {}

  private void onCommand(String tag, String command, ImapScanner scanner) {
    switch (command) {
      case "CAPABILITY" -> {
        out.untagged("CAPABILITY " + capabilities());
        out.tagged(tag, "OK done");
      }
      case "NOOP" -> out.tagged(tag, "OK done");
      case "ID" -> {
        scanner.space();
        node.counters().clientIdSeen(ImapId.read(scanner));
        out.untagged(ImapId.OURS);
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
      default -> throw new ImapSyntaxException("Log in first");
    }
  }

  private void startTls(String tag) {
    SslContext context = tls.context();
    if (context == null || connection.underTls()) {
      throw new ImapSyntaxException("No STARTTLS now");
    }
    out.tagged(tag, "OK begin TLS");
    connection.startTls(context);
  }

  private void login(String tag, ImapScanner scanner) {
    scanner.space();
    String user = utf8(scanner.astring());
    scanner.space();
    String password = scanner.astring();
    scanner.end();
    Secret secret = Secret.taking(password.getBytes(StandardCharsets.ISO_8859_1));
    prove(tag, new ImapSasl.Proof(user, user, secret, false));
  }

  private void authenticate(String tag, ImapScanner scanner) {
    scanner.space();
    String mechanism = scanner.keyword();
    if (!ImapSasl.knows(mechanism)) {
      out.tagged(tag, "NO [CANNOT] No such mechanism");
    } else if (scanner.skip(' ')) {
      prove(tag, ImapSasl.decode(mechanism, scanner.rest()));
    } else {
      exchange = new Exchange(tag, mechanism);
      out.goOn("");
    }
  }

  private void onSaslMessage(Exchange open, String message) {
    if (message.equals("*")) {
      throw new ImapSyntaxException("Cancelled");
    }
    prove(open.tag(), ImapSasl.decode(open.mechanism(), message));
  }

  private void prove(String tag, ImapSasl.Proof proof) {
    node.counters().passwordSeen(proof.secret());
    if (!mayLogIn()) {
      out.tagged(tag, "NO [PRIVACYREQUIRED] TLS first");
    } else if (node.behaviour().fault() == Fault.DROP_AT_LOGIN) {
      out.close();
      connection.fallSilent();
    } else if (node.behaviour().fault() == Fault.HANG_AT_LOGIN) {
      connection.fallSilent();
    } else {
      connection.later(node.behaviour().loginDelay(), () -> answer(tag, proof));
    }
  }

  private void answer(String tag, ImapSasl.Proof proof) {
    if (node.behaviour().fault() == Fault.TEMPORARY_ERROR) {
      out.tagged(tag, "NO [UNAVAILABLE] Temporarily out of order");
    } else if (!accepted(proof)) {
      out.tagged(tag, "NO [AUTHENTICATIONFAILED] Wrong user or password");
    } else {
      accept(tag, proof.user());
    }
  }

  private boolean accepted(ImapSasl.Proof proof) {
    Accounts accounts = node.accounts();
    if (proof.token()) {
      return accounts.acceptsToken(proof.user(), proof.secret());
    }
    return proof.user().equals(proof.authcid())
        ? accounts.accepts(proof.user(), proof.secret())
        : accounts.acceptsAdmin(proof.authcid(), proof.secret(), proof.user());
  }

  private void accept(String tag, String user) {
    StoreNode.Target target = node.referralFor(user, service);
    if (target == null && node.role() != NodeRole.MASTER) {
      out.tagged(tag, "NO [UNAVAILABLE] No master is known");
    } else if (target == null) {
      admit(user);
      out.tagged(tag, "OK [CAPABILITY " + ImapMailPhase.CAPABILITIES + "] Logged in");
    } else {
      node.counters().referralGiven();
      String code = "[REFERRAL " + ImapReferral.url(target, user) + "]";
      if (node.behaviour().referralForm() == ReferralForm.NO) {
        out.tagged(tag, "NO " + code + " Log in there");
      } else {
        admit(user);
        out.untagged("CAPABILITY " + ImapMailPhase.CAPABILITIES);
        out.tagged(tag, "OK " + code + " Logged in, the master is there");
      }
    }
  }

  private void admit(String user) {
    node.counters().loginAccepted();
    connection.enter(new ImapMailPhase(node, user, out, connection));
  }

  private boolean mayLogIn() {
    return tls.loginInClear() || connection.underTls();
  }

  private String capabilities() {
    boolean startTls = tls.context() != null && !connection.underTls();
    return ALWAYS + (startTls ? " STARTTLS" : "") + (mayLogIn() ? MECHANISMS : " LOGINDISABLED");
  }

  private static String utf8(String octets) {
    return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
