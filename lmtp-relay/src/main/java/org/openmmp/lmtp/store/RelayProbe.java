package org.openmmp.lmtp.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.LmtpReplyReader;
import org.openmmp.lmtp.store.StoreCommand.Kind;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.TlsPolicy;

/**
 * A delivery's conversation with a store that ends where MAIL would be sent, so that a probe judges
 * greeting, TLS and LHLO exactly as a delivery does (rule B2.9).
 */
public final class RelayProbe implements ProbeDialogue {
  private static final byte[] QUIT = "QUIT\r\n".getBytes(StandardCharsets.US_ASCII);

  private final StoreConversation conversation;
  private final String recipient;
  private final String host;
  private final LmtpReplyReader first = new LmtpReplyReader();
  private HostTraits seen = HostTraits.NONE;
  private boolean greeted;
  private boolean heard;
  private boolean secured;
  private boolean securing;

  /** A probe that waits for the greeting, and ends where MAIL would be sent. */
  public RelayProbe(StoreIntroduction introduction, StorePlace place) {
    this(introduction, place, "");
  }

  /**
   * The same for a recipient of no message: it ends with the store's answer to RCPT (rule B8.4).
   *
   * @param recipient an address; empty: none is named
   */
  public RelayProbe(StoreIntroduction introduction, StorePlace place, String recipient) {
    EnvelopeCommand read = EnvelopeCommand.rcptTo(recipient).value();
    this.recipient = read == null ? "" : read.address().path();
    conversation = new StoreConversation(new StoreKey(0, place), introduction);
    host = place.host().name();
    secured = place.access().tls() == TlsPolicy.IMPLICIT;
  }

  @Override
  public List<StoreStep> onBytes(byte[] octets) {
    if (!heard) {
      first.add(octets);
      LmtpReply greeting = first.next();
      if (greeting != null) {
        heard = true;
        seen = seen.greeted(behindName(greeting.text()), host);
      }
    }
    return heard(conversation.onOctets(octets));
  }

  @Override
  public List<StoreStep> onTls() {
    securing = false;
    secured = true;
    return heard(conversation.onTls());
  }

  @Override
  public HostTraits seen() {
    return seen;
  }

  /** RFC 5321 section 4.2: a greeting begins with the host's name, however it calls itself. */
  private static String behindName(String greeting) {
    int space = greeting.indexOf(' ');
    return space < 0 ? "" : greeting.substring(space + 1);
  }

  /** What is offered at the moment counts where it is the last before TLS, or before MAIL. */
  private void offers() {
    Extensions offered = conversation.extensions();
    List<String> lines = new ArrayList<>(offered.reply("").lines());
    lines.remove(0);
    offered.unknown().forEach(line -> lines.add(line.strip().toUpperCase(Locale.ROOT)));
    seen =
        seen.offering(
            secured ? HostTraits.Aspect.OFFERED_UNDER_TLS : HostTraits.Aspect.OFFERED_IN_THE_CLEAR,
            lines);
  }

  @Override
  public byte[] leave() {
    return greeted && !securing ? QUIT.clone() : new byte[0];
  }

  /** Whether the store has offered that, in the clear or, where TLS is begun, behind it. */
  public boolean offers(Extension extension) {
    return conversation.extensions().has(extension);
  }

  private List<StoreStep> heard(List<StoreStep> events) {
    List<StoreStep> steps = new ArrayList<>();
    for (StoreStep each : goingOn(events)) {
      greeted |= each instanceof StoreStep.Send;
      securing |= each == StoreStep.Simple.START_TLS;
      if (each == StoreStep.Simple.START_TLS || each == StoreStep.Simple.READY) {
        offers();
      }
      if (each == StoreStep.Simple.READY && !recipient.isEmpty()) {
        steps.add(StoreStep.Simple.NAMED);
        say(Kind.MAIL, "MAIL FROM:<>", steps);
      } else if (each == StoreStep.Simple.READY) {
        steps.add(new End(AttemptOutcome.ACCEPTED, "greeted"));
      } else if (each instanceof StoreEvent.Answered answered) {
        answered(answered, steps);
      } else {
        steps.add(
            each instanceof StoreEvent.Failed failed
                ? new End(failed.outcome(), failed.reason())
                : each);
      }
    }
    return steps;
  }

  /** Whoever is referred to, this host is there: its greeting is taken as it is. */
  private List<StoreStep> goingOn(List<StoreStep> events) {
    List<StoreStep> all = new ArrayList<>(events);
    if (events.stream().anyMatch(StoreEvent.Referred.class::isInstance)) {
      all.addAll(conversation.goOn());
    }
    return all;
  }

  private void answered(StoreEvent.Answered event, List<StoreStep> steps) {
    LmtpReply reply = event.reply();
    if (event.command().kind() == Kind.MAIL && reply.isPositive()) {
      say(Kind.RCPT, "RCPT TO:" + recipient, steps);
      return;
    }
    AttemptOutcome outcome =
        reply.isPositive()
            ? AttemptOutcome.ACCEPTED
            : reply.isPermanent() ? AttemptOutcome.USER_REFUSED : AttemptOutcome.TEMPORARY_FAILURE;
    String to = event.command().kind() == Kind.MAIL ? "MAIL: " : "RCPT: ";
    steps.add(new End(outcome, to + reply, StoreIntroduction.referralOfRecipient(reply)));
  }

  private void say(Kind kind, String line, List<StoreStep> steps) {
    conversation.enqueue(StoreCommand.of(kind, line));
    steps.add(new StoreStep.Send(conversation.flush()));
  }
}
