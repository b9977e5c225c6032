package org.openmmp.lmtp.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreStep;

/**
 * A delivery's conversation with a store that ends where MAIL would be sent, so that a probe judges
 * greeting, TLS and LHLO exactly as a delivery does (rule B2.9).
 */
public final class RelayProbe implements ProbeDialogue {
  private static final byte[] QUIT = "QUIT\r\n".getBytes(StandardCharsets.US_ASCII);

  private final StoreConversation conversation;
  private boolean greeted;
  private boolean securing;

  /** A probe that waits for the greeting. */
  public RelayProbe(StoreIntroduction introduction, StorePlace place) {
    conversation = new StoreConversation(new StoreKey(0, place), introduction);
  }

  @Override
  public List<StoreStep> onBytes(byte[] octets) {
    return heard(conversation.onOctets(octets));
  }

  @Override
  public List<StoreStep> onTls() {
    securing = false;
    return heard(conversation.onTls());
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
      steps.add(
          each instanceof StoreEvent.Opened
              ? new End(AttemptOutcome.ACCEPTED, "greeted")
              : each instanceof StoreEvent.Failed failed
                  ? new End(failed.outcome(), failed.reason())
                  : each);
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
}
