package org.openmmp.proxy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openmmp.routing.TlsPolicy;

/**
 * What docs/rules.md promises to the first login at a group, worked out from the faults of its
 * hosts alone (rules B2.4, B2.5, B2.6, B2.9, B2.11, B2.19, B3.5 to B3.10): it knows nothing of
 * walks, health and octets.
 */
final class LoginModel {
  /** How the login ends. */
  enum Answer {
    LET_IN,
    LET_IN_READ_ONLY,
    WRONG_PASSWORD,
    UNAVAILABLE
  }

  /**
   * What is promised.
   *
   * @param host where the user is let in; -1: nowhere
   * @param dials the hosts that are asked, in order, up to where a group without a master is asked
   *     again and again
   * @param again whether it is
   * @param atMostMillis how long it may take
   */
  record Promise(Answer answer, int host, List<Integer> dials, boolean again, long atMostMillis) {}

  /** Round trips of one attempt, and the look-up. */
  private static final long WIRE_MILLIS = 100;

  /** The pause before a master that refused is asked once more, with its spread. */
  private static final long ONCE_MORE_MILLIS = 600;

  /** What a host without a master is waited for, before a session may stay read-only. */
  private static final long READ_ONLY_MILLIS = 10_000;

  private static final long WAIT_FOR_STORE_MILLIS = 5_000;

  private final boolean imap;
  private final TlsPolicy tls;
  private final List<StoreFault> faults;
  private final List<Integer> targets;
  private final List<Integer> dials = new ArrayList<>();
  private final Set<Integer> tried = new HashSet<>();
  private final Set<Integer> named = new HashSet<>();
  private long millis = WIRE_MILLIS;
  private int referral = -1;
  private int replica = -1;
  private boolean trouble;

  /**
   * A group.
   *
   * @param targets whom each host names where it refers
   */
  LoginModel(boolean imap, TlsPolicy tls, List<StoreFault> faults, List<Integer> targets) {
    this.imap = imap;
    this.tls = tls;
    this.faults = faults;
    this.targets = targets;
  }

  Promise work() {
    while (true) {
      int host = next();
      if (host < 0) {
        return exhausted();
      }
      if (millis >= FaultyGroup.DEADLINE.toMillis()) {
        return ends(Answer.UNAVAILABLE, -1);
      }
      tried.add(host);
      dials.add(host);
      referral = -1;
      StoreFault fault = meant(host);
      millis += WIRE_MILLIS + cost(fault);
      if (fault == StoreFault.NONE) {
        return ends(Answer.LET_IN, host);
      } else if (fault == StoreFault.WRONG_PASSWORD) {
        return ends(Answer.WRONG_PASSWORD, -1);
      } else if (fault == StoreFault.REFERS) {
        int to = targets.get(host);
        replica = replica < 0 ? host : Math.min(replica, host);
        named.add(to);
        referral = tried.contains(to) ? -1 : to;
      } else if (!fault.down()) {
        trouble = true;
        if (named.contains(host)) {
          return refusedByMaster(host, fault);
        }
      }
    }
  }

  /** A referral to itself is none, but an answer (rule B3.8). */
  private StoreFault meant(int host) {
    StoreFault fault = faults.get(host);
    return fault != StoreFault.REFERS || targets.get(host) != host
        ? fault
        : imap ? StoreFault.NONE : StoreFault.TEMPORARY_ERROR;
  }

  /** A master that answers is a master, and so is one that says nothing (rule B2.19). */
  private Promise refusedByMaster(int host, StoreFault fault) {
    if (fault == StoreFault.TEMPORARY_ERROR) {
      dials.add(host);
      millis += ONCE_MORE_MILLIS + WIRE_MILLIS;
      return ends(Answer.UNAVAILABLE, -1);
    }
    return imap && millis < FaultyGroup.DEADLINE.toMillis()
        ? stays()
        : ends(Answer.UNAVAILABLE, -1);
  }

  private Promise stays() {
    dials.add(replica);
    millis += WIRE_MILLIS;
    return ends(Answer.LET_IN_READ_ONLY, replica);
  }

  private Promise exhausted() {
    if (trouble) {
      return ends(Answer.UNAVAILABLE, -1);
    }
    if (replica < 0) {
      millis += WAIT_FOR_STORE_MILLIS + WIRE_MILLIS;
      return ends(Answer.UNAVAILABLE, -1);
    }
    if (!imap) {
      return new Promise(
          Answer.UNAVAILABLE, -1, dials, true, FaultyGroup.DEADLINE.toMillis() + WIRE_MILLIS);
    }
    return new Promise(
        Answer.LET_IN_READ_ONLY,
        replica,
        dials,
        true,
        Math.max(millis, READ_ONLY_MILLIS) + 10 * WIRE_MILLIS);
  }

  private Promise ends(Answer answer, int host) {
    return new Promise(
        answer,
        host,
        dials,
        false,
        Math.min(millis, FaultyGroup.DEADLINE.toMillis()) + WIRE_MILLIS);
  }

  /** The host that was referred to, else the next one of the list. */
  private int next() {
    if (referral >= 0) {
      return referral;
    }
    for (int host = 0; host < faults.size(); host++) {
      if (!tried.contains(host)) {
        return host;
      }
    }
    return -1;
  }

  /** How long it takes to find out (rule B2.6). */
  private long cost(StoreFault fault) {
    long connect = FaultyGroup.CONNECT.toMillis();
    long greeting = FaultyGroup.GREETING.toMillis();
    return switch (fault) {
      case DROPS_SYN -> connect;
      case HANGS_AT_ACCEPT -> tls == TlsPolicy.IMPLICIT ? connect : greeting;
      case ONE_OCTET_A_SECOND, HANGS_BEHIND_TLS, HANGS_BEHIND_GREETING -> greeting;
      case HANGS_BEHIND_LOGIN -> FaultyGroup.ANSWER.toMillis();
      case NONE, REFUSES, RESETS, BAD_CERTIFICATE, BYE, REFERS, TEMPORARY_ERROR, WRONG_PASSWORD ->
          0;
    };
  }
}
