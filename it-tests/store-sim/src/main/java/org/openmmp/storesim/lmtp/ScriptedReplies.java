package org.openmmp.storesim.lmtp;

import org.openmmp.lmtp.protocol.LmtpVerb;
import org.openmmp.storesim.lmtp.LmtpTrouble.Point;
import org.openmmp.storesim.session.SessionHandler;

/** What a node says in one session, and where it ceases, as its script has it. */
final class ScriptedReplies {
  private final LmtpEndpoint endpoint;
  private final LmtpOutput out;
  private final SessionHandler<LmtpInput> session;

  ScriptedReplies(LmtpEndpoint endpoint, LmtpOutput out, SessionHandler<LmtpInput> session) {
    this.endpoint = endpoint;
    this.out = out;
    this.session = session;
  }

  /** The script as it is now. */
  LmtpScript script() {
    return endpoint.scriptOf(session.node().name());
  }

  /** Says what is scripted, or else what is due, and goes on if that is no refusal. */
  void answer(LmtpVerb verb, String due, Runnable accepted) {
    String reply = script().replies().getOrDefault(verb, due);
    out.say(reply);
    if (reply.charAt(0) < '4') {
      accepted.run();
    }
  }

  /** Ceases if the script says so for this point; whether it did. */
  boolean ceases(Point point, long count) {
    LmtpTrouble trouble = script().trouble();
    boolean now = trouble.point() == point && trouble.count() == count;
    if (now) {
      cease(trouble.silent());
    }
    return now;
  }

  /** Says nothing more, and closes unless it is to be silent. */
  void cease(boolean silently) {
    if (!silently) {
      out.close();
    }
    session.fallSilent();
  }
}
