package org.openmmp.lmtp.store;

import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.XclientCommand;
import org.openmmp.lmtp.store.StoreCommand.Kind;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Referral;
import org.openmmp.routing.StoreProtection;
import org.openmmp.routing.StoreStep;

/**
 * The opening of a connection to a store: greeting, LHLO, STARTTLS and LHLO again as the policy
 * wants it, XCLIENT and LHLO again where the store is told of the client.
 */
final class StoreOpening {
  private static final int READY = 220;
  private static final Next NOTHING = new Next(null, null);

  /**
   * What follows from a reply.
   *
   * @param event to be told
   * @param command to be sent
   */
  record Next(@Nullable StoreStep event, @Nullable StoreCommand command) {}

  private final StorePlace place;
  private final StoreIntroduction introduction;
  private final StoreProtection protection;
  private Extensions extensions = Extensions.NONE;
  private @Nullable LmtpReply heldGreeting;
  private boolean securing;
  private boolean introduced;
  private boolean done;

  StoreOpening(StorePlace place, StoreIntroduction introduction) {
    this.place = place;
    this.introduction = introduction;
    this.protection = new StoreProtection(place.access().tls());
  }

  Extensions extensions() {
    return extensions;
  }

  boolean done() {
    return done;
  }

  /** Whether replies must wait: for a word on a referral, or for TLS. */
  boolean paused() {
    return heldGreeting != null || securing;
  }

  /**
   * The reply to one command of the opening.
   *
   * @param more whether octets came behind it
   */
  Next onReply(Kind command, LmtpReply reply, boolean more) {
    return switch (command) {
      case GREETING -> onGreeting(reply);
      case LHLO -> onExtensions(reply);
      case STARTTLS -> onGoAhead(reply, more);
      case XCLIENT -> {
        introduced = true;
        yield reply.isPositive() ? send(Kind.LHLO, lhlo()) : open();
      }
      case MAIL, RCPT, DATA, CHUNK, END_OF_DATA, RSET ->
          throw new IllegalStateException(command + " was sent before the store was open");
    };
  }

  Next onTls() {
    securing = false;
    protection.begun();
    extensions = Extensions.NONE; // what was said in the clear may be anybody's
    return send(Kind.LHLO, lhlo());
  }

  /** The greeting as it is, without its referral. */
  Next goOn() {
    LmtpReply greeting = heldGreeting;
    heldGreeting = null;
    return greeting == null ? NOTHING : afterGreeting(greeting);
  }

  private Next onGreeting(LmtpReply greeting) {
    Referral referral = introduction.referralOf(greeting);
    if (referral != null) {
      heldGreeting = greeting;
      return new Next(new StoreEvent.Referred(referral), null);
    }
    return afterGreeting(greeting);
  }

  private Next afterGreeting(LmtpReply greeting) {
    return greeting.code() == READY
        ? new Next(StoreStep.Simple.GREETED, StoreCommand.of(Kind.LHLO, lhlo()))
        : fail(AttemptOutcome.REFUSED_GREETING, "greeted with " + greeting);
  }

  private Next onExtensions(LmtpReply reply) {
    if (!reply.isPositive()) {
      return fail(AttemptOutcome.REFUSED_GREETING, "answered LHLO with " + reply);
    }
    extensions = Extensions.of(reply);
    return switch (protection.next(true, extensions.has(Extension.STARTTLS))) {
      case BEGIN_TLS -> send(Kind.STARTTLS, "STARTTLS");
      case FAIL -> fail(AttemptOutcome.TLS_FAILED, "does not offer STARTTLS");
      case ASK, GO_ON -> introduce();
    };
  }

  private Next onGoAhead(LmtpReply reply, boolean more) {
    if (reply.code() == READY && !more) {
      securing = true;
      return new Next(StoreStep.Simple.START_TLS, null);
    }
    if (more || reply.code() == LmtpReply.CLOSING || !protection.mayDoWithout()) {
      return fail(
          AttemptOutcome.TLS_FAILED,
          more ? "sent more behind its go-ahead to STARTTLS" : "answered STARTTLS with " + reply);
    }
    return introduce();
  }

  private Next introduce() {
    if (!introduced && !place.introduced().isEmpty()) {
      String line = new XclientCommand(place.introduced()).line(extensions);
      if (!line.isEmpty()) {
        return new Next(StoreStep.Simple.NAMED, StoreCommand.of(Kind.XCLIENT, line));
      }
    }
    return open();
  }

  private Next open() {
    done = true;
    return new Next(StoreStep.Simple.READY, null);
  }

  private String lhlo() {
    return "LHLO " + introduction.hostName();
  }

  private static Next send(Kind kind, String line) {
    return new Next(null, StoreCommand.of(kind, line));
  }

  private Next fail(AttemptOutcome outcome, String what) {
    return new Next(new StoreEvent.Failed(outcome, place.host() + " " + what), null);
  }
}
