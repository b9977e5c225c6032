package org.openmmp.storesim.session;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeRole;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.StoreNode.Target;
import org.openmmp.storesim.UserTrouble;

/** Where one client's logins are judged, as the node's role and faults have it. */
public final class LoginDesk {
  private final StoreNode node;
  private final String service;
  private final ClientOutput out;
  private final SessionHandler<?> session;

  /** The desk of one session of a service. */
  public LoginDesk(String service, ClientOutput out, SessionHandler<?> session) {
    this.node = session.node();
    this.service = service;
    this.out = out;
    this.session = session;
  }

  /**
   * The referral that this form of it gives at this point, or null; it counts as given.
   *
   * @param user empty if nobody has given a name yet
   */
  public @Nullable Target refer(ReferralForm form, String user) {
    Target target =
        node.behaviour().referralForm() == form ? node.referralFor(user, service) : null;
    if (target != null) {
      node.counters().referralGiven();
    }
    return target;
  }

  /** Judges a proof; the answer is called once, at once or late, or never if that is the fault. */
  public void present(LoginProof proof, Consumer<LoginVerdict> answer) {
    Fault fault = node.behaviour().fault();
    UserTrouble trouble = wordlessTrouble(proof);
    node.counters().passwordSeen(proof.secret());
    if (!session.takesLogins()) {
      answer.accept(new LoginVerdict(LoginVerdict.Kind.TLS_FIRST));
    } else if (fault == Fault.DROP_AT_LOGIN || trouble == UserTrouble.CRASHES) {
      out.close();
      session.fallSilent();
    } else if (fault == Fault.HANG_AT_LOGIN || trouble == UserTrouble.HANGS) {
      session.fallSilent();
    } else {
      Duration delay = node.behaviour().loginDelay();
      // The last login is a record of the store's database.
      Duration wait = proof.isGoodAt(node.accounts()) ? node.commitWait() : Duration.ZERO;
      session.later(delay.plus(wait), () -> answer.accept(verdict(proof)));
    }
  }

  /** His mailbox is opened once the proof is good, where it is served. */
  private UserTrouble wordlessTrouble(LoginProof proof) {
    boolean opened = node.role() == NodeRole.MASTER && proof.isGoodAt(node.accounts());
    UserTrouble trouble = opened ? node.troubleOf(proof.user()) : UserTrouble.NONE;
    return trouble.wordless() ? trouble : UserTrouble.NONE;
  }

  private LoginVerdict verdict(LoginProof proof) {
    Fault fault = node.behaviour().fault();
    if (fault == Fault.TEMPORARY_ERROR) {
      return new LoginVerdict(LoginVerdict.Kind.TEMPORARY_ERROR);
    }
    if (!proof.isGoodAt(node.accounts())) {
      return new LoginVerdict(LoginVerdict.Kind.WRONG);
    }
    Target target = node.referralFor(proof.user(), service);
    if (target != null) {
      node.counters().referralGiven();
      return new LoginVerdict(LoginVerdict.Kind.REFERRED, target);
    }
    if (node.role() != NodeRole.MASTER) {
      return new LoginVerdict(LoginVerdict.Kind.NO_MASTER);
    }
    UserTrouble trouble = node.troubleOf(proof.user());
    if (trouble != UserTrouble.NONE) {
      return new LoginVerdict(trouble);
    }
    return new LoginVerdict(
        fault == Fault.MAILBOX_IN_USE
            ? LoginVerdict.Kind.MAILBOX_IN_USE
            : LoginVerdict.Kind.WELCOME);
  }
}
