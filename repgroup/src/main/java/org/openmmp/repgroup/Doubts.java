package org.openmmp.repgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What proven logins met at one service of one host, none of which is a verdict by itself (rules
 * B2.17, B2.20), and what it stands charged with (rule B5.20 too). Immutable.
 *
 * @param silent got no answer
 * @param refused were refused for now, and had no session there
 * @param thrownOut were let in and thrown out at once
 * @param charge what the host stands charged with; null: nothing
 */
record Doubts(
    List<Doubt> silent, List<Doubt> refused, List<Doubt> thrownOut, @Nullable Charge charge) {

  /** Doubts that lie further apart do not add up. */
  private static final long WINDOW_NANOS = Duration.ofSeconds(60).toNanos();

  /** So many names without an answer make a charge. */
  private static final int SILENT = 3;

  /** So many names that were refused, or thrown out, make a charge. */
  private static final int MANY = 5;

  /** No doubts. */
  static final Doubts NONE = new Doubts(List.of(), List.of(), List.of(), null);

  /**
   * What one name met.
   *
   * @param name the name's hash
   * @param beganNanos when its attempt, or its session, began
   * @param atNanos when it ended
   */
  record Doubt(long name, long beganNanos, long atNanos) {}

  /**
   * Enough doubts: the host has failed if another host of the group greets from now on.
   *
   * @param ground what of the host would have failed
   * @param atNanos since when
   */
  record Charge(FailureGround ground, long atNanos) {}

  /** One more name got no answer. */
  Doubts withSilent(Doubt doubt) {
    List<Doubt> more = with(silent, doubt, SILENT);
    return new Doubts(
        more, refused, thrownOut, charged(more, SILENT, FailureGround.ANSWERS, doubt));
  }

  /** One more name was refused for now. */
  Doubts withRefused(Doubt doubt) {
    List<Doubt> more = with(refused, doubt, MANY);
    return new Doubts(silent, more, thrownOut, charged(more, MANY, FailureGround.ANSWERS, doubt));
  }

  /** One more name was thrown out. */
  Doubts withThrownOut(Doubt doubt) {
    List<Doubt> more = with(thrownOut, doubt, MANY);
    return new Doubts(silent, refused, more, charged(more, MANY, FailureGround.SESSIONS, doubt));
  }

  /** It does not know the group's mailboxes: that was counted elsewhere. */
  Doubts withMailboxesLost(long nowNanos) {
    Charge standing = standing(nowNanos);
    return standing == null
        ? new Doubts(silent, refused, thrownOut, new Charge(FailureGround.MAILBOXES, nowNanos))
        : this;
  }

  /** Somebody was let in: the host answers. */
  Doubts afterLettingIn() {
    Charge left = charge != null && charge.ground() != FailureGround.SESSIONS ? null : charge;
    return silent.isEmpty() && refused.isEmpty() && Objects.equals(left, charge)
        ? this
        : new Doubts(List.of(), List.of(), thrownOut, left);
  }

  /** A session that began then has lasted: the host keeps those it lets in. */
  Doubts afterLasting(long beganNanos) {
    boolean inBetween = !thrownOut.isEmpty() && beganNanos - thrownOut.get(0).beganNanos() >= 0;
    if (!inBetween) {
      return this;
    }
    Charge left = charge != null && charge.ground() == FailureGround.SESSIONS ? null : charge;
    return new Doubts(silent, refused, List.of(), left);
  }

  /** The charge, as long as it stands. */
  @Nullable Charge standing(long nowNanos) {
    return charge == null || nowNanos - charge.atNanos() > WINDOW_NANOS ? null : charge;
  }

  private @Nullable Charge charged(
      List<Doubt> doubts, int enough, FailureGround ground, Doubt last) {
    Charge standing = standing(last.atNanos());
    return standing == null && doubts.size() >= enough
        ? new Charge(ground, last.atNanos())
        : standing;
  }

  /**
   * The doubts within the window of the new one, one for each name, the oldest of many left out.
   */
  private static List<Doubt> with(List<Doubt> doubts, Doubt doubt, int most) {
    List<Doubt> more = new ArrayList<>(most + 1);
    for (Doubt each : doubts) {
      if (each.name() != doubt.name() && doubt.atNanos() - each.atNanos() <= WINDOW_NANOS) {
        more.add(each);
      }
    }
    more.add(doubt);
    return List.copyOf(more.size() > most ? more.subList(more.size() - most, more.size()) : more);
  }
}
