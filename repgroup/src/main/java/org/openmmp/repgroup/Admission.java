package org.openmmp.repgroup;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many logins one host is given by one service: under way at once, and a second (rule B2.28).
 * Both are learnt: they fall by a part when its answers become slow or it refuses temporarily, and
 * grow by steps when it does not. The rate comes back half of the way to where it fell in each
 * second; from there on its steps double. Nothing is limited here before there was a reason.
 *
 * <p>A second's evidence counts together. It speaks against the host only if it comes of several
 * names, so that one user's slow mailbox slows nobody else down. Immutable; no clock.
 *
 * @param underWay the most attempts under way; infinite: as many as the configuration allows
 * @param perSecond the most that begin in a second; likewise
 * @param starting whether that doubles each second: after a recovery, or a change of the master
 * @param fell the rate that was too much; 0: none was
 * @param calm seconds without a fall since the rate is back there
 * @param paidNanos when those that began will have had their time, at that rate
 * @param usualNanos how long an answer takes as a rule; 0: nobody knows yet
 * @param evidence of the present second; null: none came
 */
record Admission(
    double underWay,
    double perSecond,
    boolean starting,
    double fell,
    int calm,
    long paidNanos,
    long usualNanos,
    @Nullable Evidence evidence) {
  /** Nothing was learnt. */
  static final Admission OPEN =
      new Admission(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, false, 0, 0, 0, 0, null);

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** No answer is slow that comes within this, however quick others are. */
  static final Duration QUICK = Duration.ofSeconds(1);

  /** How many times as long as usual a slow answer takes. */
  private static final int SLOW_TIMES = 4;

  /** Of how many names slow answers or refusals have to come. */
  private static final int WITNESSES = 3;

  /** What is left of a limit that falls. */
  private static final double FALL = 0.7;

  /** In how many steps the limit of those under way comes back from nothing. */
  private static final int STEPS = 16;

  /** That of a rate is this part of what a slow start begins with. */
  private static final int RATE_STEPS = 5;

  /** The step of a rate doubles so often at the most. */
  private static final int DOUBLINGS = 10;

  /** A rate this many times a slow start's first one, which nobody comes near, limits nothing. */
  private static final int NEEDLESS_TIMES = 16;

  /** That part of a second's logins may begin at once. */
  static final Duration BURST = Duration.ofMillis(100);

  /** Evidence that is older is judged however little there is. */
  private static final Duration OLD = Duration.ofSeconds(10);

  private static final int ENOUGH = 8;

  /**
   * The usual time follows others by these parts; a crowd's hardly, or it would be the usual one.
   */
  private static final int USUAL_RISES = 16;

  private static final int USUAL_RISES_IN_CROWD = 256;

  private static final int USUAL_FALLS = 2;
  private static final int USUAL_GIVES_IN = 4;

  /**
   * What was seen since a moment.
   *
   * @param sinceNanos the moment
   * @param startedBefore how many attempts had begun by then
   * @param answered logins that were let in
   * @param sumNanos how long they took together
   * @param slow those that took long
   * @param slowNames a bit for each of their names
   * @param refused logins that were refused temporarily
   * @param refusedNames a bit for each of their names
   * @param peak the most attempts under way when one of these ended
   */
  record Evidence(
      long sinceNanos,
      long startedBefore,
      int answered,
      long sumNanos,
      int slow,
      long slowNames,
      int refused,
      long refusedNames,
      int peak) {

    private Evidence answer(long name, long tookNanos, boolean isSlow, int underWayNow) {
      return new Evidence(
          sinceNanos,
          startedBefore,
          answered + 1,
          sumNanos + tookNanos,
          slow + (isSlow ? 1 : 0),
          isSlow ? slowNames | bit(name) : slowNames,
          refused,
          refusedNames,
          Math.max(peak, underWayNow));
    }

    private Evidence refusal(long name, int underWayNow) {
      return new Evidence(
          sinceNanos,
          startedBefore,
          answered,
          sumNanos,
          slow,
          slowNames,
          refused + 1,
          refusedNames | bit(name),
          Math.max(peak, underWayNow));
    }

    private static long bit(long name) {
      return 1L << ((name * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - 6));
    }

    /** Whether it is time to judge. */
    private boolean complete(long nowNanos) {
      long age = nowNanos - sinceNanos;
      return age >= OLD.toNanos() || (age >= SECOND && answered + refused >= ENOUGH);
    }

    /** Whether most of the answers were slow. */
    private boolean tellsOfSlowness() {
      return 2 * slow > answered && Long.bitCount(slowNames) >= WITNESSES;
    }

    /** Whether a quarter of the logins were refused. */
    private boolean tellsOfRefusals() {
      return 4 * refused >= answered + refused && Long.bitCount(refusedNames) >= WITNESSES;
    }
  }

  /** Whether less was learnt than the configuration allows. */
  boolean learntLess() {
    return !Double.isInfinite(underWay) || !Double.isInfinite(perSecond);
  }

  /** The most attempts under way now. */
  int limit(SelectorSettings settings) {
    int most = settings.maxAttemptsPerStore();
    return underWay < most && settings.admission().learn() ? Math.max(1, (int) underWay) : most;
  }

  /** The most that begin in a second; infinite if nothing limits them. */
  double rate(SelectorSettings.AdmissionTerms terms) {
    int ceiling = terms.perSecond();
    return ceiling == 0 ? perSecond : Math.min(perSecond, ceiling);
  }

  /** Whether one may begin now, as far as the rate goes. */
  boolean due(SelectorSettings.AdmissionTerms terms, long nowNanos) {
    return Double.isInfinite(rate(terms))
        || paidNanos == 0
        || paidNanos - nowNanos <= BURST.toNanos();
  }

  /** How long until the rate leaves another login; 0 if it does now. */
  long turnNanos(SelectorSettings.AdmissionTerms terms, long nowNanos) {
    return due(terms, nowNanos) ? 0 : paidNanos - BURST.toNanos() - nowNanos;
  }

  /** One begins. */
  Admission taking(SelectorSettings.AdmissionTerms terms, long nowNanos) {
    double rate = rate(terms);
    if (Double.isInfinite(rate)) {
      return this;
    }
    long from = paidNanos == 0 || paidNanos - nowNanos < 0 ? nowNanos : paidNanos;
    return new Admission(
        underWay,
        perSecond,
        starting,
        fell,
        calm,
        from + (long) (SECOND / rate),
        usualNanos,
        evidence);
  }

  /** The host is new to its task, or back: it is given few logins at first. */
  Admission beginning(SelectorSettings.AdmissionTerms terms, long started, long nowNanos) {
    if (terms.slowStart() == 0 || starting) {
      return this;
    }
    return new Admission(
        underWay,
        Math.min(perSecond, terms.slowStart()),
        true,
        fell,
        0,
        nowNanos,
        usualNanos,
        new Evidence(nowNanos, started, 0, 0, 0, 0, 0, 0, 0));
  }

  /**
   * A login was let in.
   *
   * @param tookNanos from the begin of its attempt, without the time that we were late
   * @param underWayNow attempts at the host, this one included
   * @param started attempts since the memory began
   */
  Admission letIn(
      SelectorSettings settings,
      long name,
      long tookNanos,
      int underWayNow,
      long started,
      long nowNanos) {
    if (!(settings.admission().learn() || starting)) {
      return this;
    }
    boolean slow =
        usualNanos != 0 && tookNanos > Math.max(QUICK.toNanos(), SLOW_TIMES * usualNanos);
    return judged(
        settings,
        known(started, nowNanos).answer(name, tookNanos, slow, underWayNow),
        started,
        nowNanos);
  }

  /** A login was refused temporarily that had no reason of its own to be. */
  Admission refused(
      SelectorSettings settings, long name, int underWayNow, long started, long nowNanos) {
    if (!(settings.admission().learn() || starting)) {
      return this;
    }
    return judged(settings, known(started, nowNanos).refusal(name, underWayNow), started, nowNanos);
  }

  private Evidence known(long started, long nowNanos) {
    return evidence == null
        ? new Evidence(nowNanos, Math.max(0, started - 1), 0, 0, 0, 0, 0, 0, 0)
        : evidence;
  }

  private Admission judged(SelectorSettings settings, Evidence seen, long started, long nowNanos) {
    if (!seen.complete(nowNanos)) {
      return new Admission(underWay, perSecond, starting, fell, calm, paidNanos, usualNanos, seen);
    }
    double seconds = Math.max(1.0, (nowNanos - seen.sinceNanos()) / (double) SECOND);
    double came = (started - seen.startedBefore()) / seconds;
    boolean slow = seen.tellsOfSlowness();
    boolean bad = settings.admission().learn() && (slow || seen.tellsOfRefusals());
    return bad ? falling(settings, seen, slow, came) : growing(settings, seen, came);
  }

  private Admission falling(SelectorSettings settings, Evidence seen, boolean slow, double came) {
    int floor = settings.admission().floor();
    boolean atFloor = seen.peak() <= floor;
    double most = Math.min(underWay, seen.peak());
    double fastest = Math.min(perSecond, came);
    boolean rateToo = !slow || !Double.isInfinite(perSecond);
    // Where fewer logins do not make it quicker, it is no crowd that it suffers from.
    long usual = slow && atFloor ? towards(seen, USUAL_GIVES_IN) : usualNanos;
    return new Admission(
        atFloor ? underWay : Math.min(underWay, Math.max(floor, most * FALL)),
        rateToo ? Math.min(perSecond, Math.max(floor, fastest * FALL)) : perSecond,
        false,
        rateToo ? fastest : fell,
        0,
        paidNanos,
        usual,
        null);
  }

  private Admission growing(SelectorSettings settings, Evidence seen, double came) {
    int most = settings.maxAttemptsPerStore();
    double more = underWay + Math.max(1, most / STEPS);
    boolean unused = came < perSecond / 2;
    double first = Math.max(1, settings.admission().slowStart());
    double faster = starting || unused ? perSecond * 2 : faster(Math.max(1, first / RATE_STEPS));
    boolean needless = unused && faster >= Math.max(first * NEEDLESS_TIMES, came * 4);
    boolean few = seen.peak() <= settings.admission().floor();
    boolean quicker = seen.answered() > 0 && seen.sumNanos() / seen.answered() < usualNanos;
    return new Admission(
        more >= most ? Double.POSITIVE_INFINITY : more,
        needless ? Double.POSITIVE_INFINITY : faster,
        starting && !needless,
        fell,
        perSecond < fell ? 0 : Math.min(calm + 1, DOUBLINGS),
        paidNanos,
        towards(seen, quicker ? USUAL_FALLS : few ? USUAL_RISES : USUAL_RISES_IN_CROWD),
        null);
  }

  /** The rate after a second without a reason to lower it. */
  private double faster(double step) {
    return perSecond < fell
        ? Math.min(fell, perSecond + Math.max(step, (fell - perSecond) / 2))
        : perSecond + step * (1 << calm);
  }

  private long towards(Evidence seen, int parts) {
    if (seen.answered() == 0) {
      return usualNanos;
    }
    long mean = seen.sumNanos() / seen.answered();
    return usualNanos == 0 ? mean : usualNanos + (mean - usualNanos) / parts;
  }
}
