package org.openmmp.lmtp.transaction;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptWalk;
import org.openmmp.repgroup.Caller;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;
import org.openmmp.routing.ReferralTrail;
import org.openmmp.routing.StoreAccess;

/**
 * Which host of the group a delivery tries next (rules B2.4 to B2.11, B5.5, B5.6).
 *
 * <p>A walk ends with the first word of a store on a recipient, so that other deliveries know of
 * the master before a message is through. If that host fails later, another walk begins; no host is
 * given the message twice: the walk hears of the failure instead when it comes to that host.
 */
final class HostSearch {
  /**
   * What to do next; exactly one of the first three is there.
   *
   * @param place to be tried
   * @param await to be waited for
   * @param failure the search is over: what recipients are told
   * @param reason for the log
   */
  record Next(
      @Nullable StorePlace place,
      @Nullable Choice await,
      @Nullable LmtpReply failure,
      String reason) {}

  private final Relay relay;
  private final Envelope envelope;
  private final ReplicationGroup group;
  private final @Nullable StoreHost mailHost;
  private final ReferralTrail trail;
  private final Map<StoreHost, AttemptOutcome> failedMessage = new HashMap<>();
  private @Nullable StoreHost first;
  private @Nullable AttemptWalk walk;
  private long deadlineNanos;
  private boolean ledAway;

  /**
   * A search that has not begun.
   *
   * @param mailHost the one host that may be asked where there is no failover; null: the group's
   *     first
   */
  HostSearch(Relay relay, Envelope envelope, ReplicationGroup group, @Nullable StoreHost mailHost) {
    this.relay = relay;
    this.envelope = envelope;
    this.group = group;
    this.mailHost = mailHost;
    this.first = mailHost;
    this.trail = new ReferralTrail(envelope.routing());
  }

  ReplicationGroup group() {
    return group;
  }

  /** Referrals that were followed. */
  int hops() {
    return trail.hops();
  }

  /** Whether a store is still looked for; then it has until {@link #deadlineNanos}. */
  boolean underWay() {
    return walk != null;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /** Goes on to the next host, to a wait, or to the end. */
  Next advance(Turn turn) {
    AttemptWalk current = walk == null ? begin(turn) : walk;
    walk = current;
    while (true) {
      Choice choice = current.next(turn.nowNanos());
      switch (choice.kind()) {
        case ATTEMPT, ATTEMPT_READ_ONLY -> {
          StoreHost host = choice.target();
          AttemptOutcome before = failedMessage.get(host);
          if (before == null) {
            return new Next(place(host), null, null, choice.reason().text());
          }
          current.onKeptConnection(turn.nowNanos()); // it hears nothing new of the host
          report(current, before, null, "failed with this message", turn);
        }
        case WAIT -> {
          trail.beginRound();
          return new Next(null, choice, null, choice.reason().text());
        }
        case FAIL_NO_STORE -> {
          return fail(Answers.NO_STORE, choice.reason().text());
        }
        case FAIL_NO_MASTER -> {
          return fail(Answers.NO_MASTER, choice.reason().text());
        }
      }
    }
  }

  /** Has that one woken when something changes that the choice waits for. */
  void awaitChange(Choice choice, Runnable wake) {
    AttemptWalk waiting = walk;
    if (waiting != null) {
      waiting.awaitChange(choice, wake);
    }
  }

  /** The connection to the host under way stands; some stores are told of the client first. */
  void connected(StorePlace place, Turn turn) {
    if (walk == null) {
      return;
    }
    if (place.access().clientId() == StoreAccess.ClientId.PROXY_V2) {
      walk.announced(turn.nowNanos());
    } else {
      walk.connected();
    }
  }

  /** A connection that was kept is used for the host under way. */
  void keptConnection(Turn turn) {
    if (walk != null) {
      walk.onKeptConnection(turn.nowNanos());
    }
  }

  /** The connection that was kept is of no use, and a new one is made. */
  void newConnection() {
    if (walk != null) {
      walk.onNewConnection();
    }
  }

  /** The host under way is told next for whom it is: what follows concerns this delivery alone. */
  void named(Turn turn) {
    if (walk != null) {
      walk.named(turn.nowNanos());
    }
  }

  /** The host under way greeted. */
  void greeted(Turn turn) {
    if (walk != null) {
      walk.greeted(turn.nowNanos());
    }
  }

  /** The host under way has said its word on a recipient: it is the one. */
  void answered(boolean accepted, String reason, Turn turn) {
    if (walk != null) {
      AttemptOutcome outcome = accepted ? AttemptOutcome.ACCEPTED : AttemptOutcome.AUTH_REJECTED;
      report(walk, outcome, null, reason, turn);
      walk = null;
    }
  }

  /** The host under way failed; {@link #advance} tells what is next. */
  Next failed(StoreHost host, AttemptOutcome outcome, String reason, Turn turn) {
    AttemptWalk current = walk;
    if (current == null) {
      failedMessage.put(host, outcome);
    } else {
      report(current, outcome, null, reason, turn);
    }
    return outcome.next() == AttemptOutcome.Next.STOP
        ? fail(Answers.NO_RESOURCE, reason)
        : advance(turn);
  }

  /** A host has lost its mailboxes (rule B5.20): that is more than this delivery's trouble. */
  void mailboxesLost(StoreHost host, Turn turn) {
    relay
        .selector()
        .mailboxesLost(group, RelaySettings.SERVICE, host, turn.nowNanos(), turn.random());
  }

  /**
   * The host under way refers to another in its greeting (rule B5.6).
   *
   * @return null if its greeting is to be taken as it is
   */
  @Nullable Next referredByGreeting(StorePlace from, Referral referral, Turn turn) {
    if (!relay.settings().clientKind().followsReferrals()) {
      return null;
    }
    Verdict verdict = judge(from, referral);
    return switch (verdict.kind()) {
      case IN_GROUP -> follow(from, referral, verdict, turn);
      case NOT_A_REFERRAL -> null;
      case VISITED, PASSED_OVER -> {
        if (walk != null) {
          report(walk, AttemptOutcome.REFERRED, null, verdict.reason(), turn);
        }
        yield advance(turn);
      }
      case OTHER_GROUP, TRUSTED, UNTRUSTED, TOO_MANY_HOPS, PORT_NOT_FOLLOWED ->
          failed(from.host(), AttemptOutcome.TEMPORARY_FAILURE, verdict.reason(), turn);
    };
  }

  /**
   * The host under way refers a recipient to another.
   *
   * @return null if that is no host to follow to, and the recipient has to wait
   */
  @Nullable Next referredAtRcpt(StorePlace from, Referral referral, Turn turn) {
    Verdict verdict = judge(from, referral);
    boolean followed =
        relay.settings().clientKind().followsReferrals() && verdict.kind() == Kind.IN_GROUP;
    return followed ? follow(from, referral, verdict, turn) : null;
  }

  /** Whether the last referral led away from the group: the directory's word is old then. */
  boolean ledAway() {
    return ledAway;
  }

  private Verdict judge(StorePlace from, Referral referral) {
    Verdict verdict = trail.judge(from.host(), group, referral);
    ledAway = verdict.kind().leavesGroup();
    return verdict;
  }

  private Next follow(StorePlace from, Referral referral, Verdict verdict, Turn turn) {
    trail.follow(from.access().tls(), referral, verdict);
    AttemptWalk current = walk;
    if (current == null) {
      first = verdict.host();
    } else {
      report(current, AttemptOutcome.REFERRED, verdict.host(), verdict.reason(), turn);
    }
    return advance(turn);
  }

  /** Gives up; says nothing of the host under way. May be called again. */
  void abandon(Turn turn) {
    if (walk != null) {
      walk.abandon(turn.nowNanos());
      walk = null;
    }
  }

  private AttemptWalk begin(Turn turn) {
    deadlineNanos = turn.nowNanos() + relay.settings().config().timeouts().search().toNanos();
    StoreHost at = first;
    first = mailHost;
    var kind = relay.settings().clientKind();
    return at == null
        ? relay
            .selector()
            .walk(
                group, RelaySettings.SERVICE, kind, Caller.UNKNOWN, deadlineNanos, turn.nowNanos())
        : relay
            .selector()
            .walkFrom(
                group,
                RelaySettings.SERVICE,
                kind,
                Caller.UNKNOWN,
                at,
                deadlineNanos,
                turn.nowNanos());
  }

  private StorePlace place(StoreHost host) {
    return new StorePlace(host, group, trail.accessTo(group, host), envelope.introducedTo(group));
  }

  private Next fail(LmtpReply failure, String reason) {
    walk = null;
    return new Next(null, null, failure, reason);
  }

  private static void report(
      AttemptWalk current,
      AttemptOutcome outcome,
      @Nullable StoreHost referredTo,
      String reason,
      Turn turn) {
    current.report(outcome, referredTo, false, reason, turn.nowNanos(), turn.random());
  }
}
