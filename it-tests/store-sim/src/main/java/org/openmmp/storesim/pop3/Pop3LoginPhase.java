package org.openmmp.storesim.pop3;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

/** The authorization state: greeting, STLS, USER and PASS, AUTH, referrals and faults. */
final class Pop3LoginPhase implements SessionPhase<String> {
  private final StoreNode node;
  private final List<String> mechanisms;
  private final Pop3Output out;
  private final SessionHandler<String> session;
  private final LoginDesk desk;
  private @Nullable String user;
  private @Nullable String mechanism;

  Pop3LoginPhase(
      String service, List<String> mechanisms, Pop3Output out, SessionHandler<String> session) {
    this.mechanisms = mechanisms;
    this.node = session.node();
    this.out = out;
    this.session = session;
    this.desk = new LoginDesk(service, out, session);
  }

  @Override
  public void begin() {
    if (node.behaviour().fault() == Fault.GREET_BYE) {
      out.err("[SYS/TEMP] " + node.name() + " takes no connections now");
      out.close();
    } else if (!refers(ReferralForm.GREETING, "")) {
      out.ok("[XCLIENT] " + node.name() + " ready"); // as Dovecot tells a trusted peer
    }
  }

  @Override
  public void onLine(String line) {
    String exchange = mechanism;
    mechanism = null;
    try {
      if (exchange == null) {
        onCommand(Pop3CommandLine.of(line));
      } else if (line.equals("*")) {
        out.err("Cancelled");
      } else {
        prove(LoginProof.decode(exchange, line));
      }
    } catch (CommandSyntaxException e) {
      out.err("Not done: " + e.getMessage());
    }
  }

  private void onCommand(Pop3CommandLine command) {
    String name = user;
    user = null;
    switch (command.keyword()) {
      case "CAPA" -> out.list("capabilities", capabilities());
      case "NOOP" -> out.ok("done");
      case "STLS" -> startTls();
      case "XCLIENT" -> xclient(command.argument());
      case "USER" -> user(command);
      case "PASS" -> pass(name, command.argument());
      case "AUTH" -> authenticate(command);
      case "QUIT" -> {
        out.ok("goodbye");
        out.close();
      }
      default -> throw new CommandSyntaxException("Log in first");
    }
  }

  private void startTls() {
    if (!session.offersTls()) {
      throw new CommandSyntaxException("No STLS now");
    }
    out.ok("begin TLS");
    session.startTls();
  }

  private void xclient(String words) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String word : words.split(" ", -1)) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new CommandSyntaxException("Expected NAME=value");
      }
      fields.put(word.substring(0, equals).toLowerCase(Locale.ROOT), word.substring(equals + 1));
    }
    node.counters().clientIdSeen(fields);
    out.ok("noted");
  }

  private void user(Pop3CommandLine command) {
    String name = command.argument();
    command.word(0);
    if (!session.takesLogins()) {
      out.err("[AUTH] TLS first");
    } else if (!refers(ReferralForm.NAMING, name)) {
      user = name;
      out.ok("the password, please");
    }
  }

  private void pass(@Nullable String name, String password) {
    if (name == null) {
      throw new CommandSyntaxException("USER first");
    }
    prove(LoginProof.password(name, password));
  }

  private void authenticate(Pop3CommandLine command) {
    String wanted = command.word(0).toUpperCase(Locale.ROOT);
    if (!mechanisms.contains(wanted)) {
      throw new CommandSyntaxException("No such mechanism");
    }
    if (command.argument().length() > wanted.length()) {
      prove(LoginProof.decode(wanted, command.word(1)));
    } else {
      mechanism = wanted;
      out.goOn();
    }
  }

  private void prove(LoginProof proof) {
    desk.present(proof, verdict -> answer(proof.user(), verdict));
  }

  private void answer(String name, LoginVerdict verdict) {
    switch (verdict.kind()) {
      case TLS_FIRST -> out.err("[AUTH] TLS first");
      case TEMPORARY_ERROR -> out.err("[SYS/TEMP] Temporarily out of order");
      case MAILBOX_IN_USE -> out.err("[IN-USE] Another session holds the mailbox");
      case WRONG -> out.err("[AUTH] Wrong user or password");
      case TROUBLE -> out.err(verdict.trouble().pop3());
      case NO_MASTER -> out.err("[SYS/TEMP] No master is known");
      case REFERRED ->
          out.err("[" + Pop3ReferralCode.code(verdict.target(), name) + "] Log in there");
      case WELCOME -> {
        node.counters().loginAccepted();
        session.enter(new Pop3MailPhase(node, name, out, session));
      }
    }
  }

  private boolean refers(ReferralForm form, String name) {
    StoreNode.Target target = desk.refer(form, name);
    if (target == null) {
      return false;
    }
    out.err("[" + Pop3ReferralCode.code(target, name) + "] Try the master");
    if (form == ReferralForm.GREETING) {
      out.close();
    }
    return true;
  }

  private List<String> capabilities() {
    List<String> all = new ArrayList<>(Pop3MailPhase.CAPABILITIES);
    if (session.takesLogins()) {
      all.add("USER");
      if (!mechanisms.isEmpty()) {
        all.add("SASL " + String.join(" ", mechanisms));
      }
    }
    if (session.offersTls()) {
      all.add("STLS");
    }
    return all;
  }
}
