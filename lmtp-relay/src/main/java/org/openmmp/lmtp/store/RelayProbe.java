package org.openmmp.lmtp.store;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.ProbeDialogue;

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
    conversation = new StoreConversation(place, introduction);
  }

  @Override
  public Step onBytes(byte[] octets) {
    return step(conversation.onOctets(octets));
  }

  @Override
  public Step onTls() {
    securing = false;
    return step(conversation.onTls());
  }

  @Override
  public byte[] leave() {
    return greeted && !securing ? QUIT.clone() : new byte[0];
  }

  /** Whether the store has offered that, in the clear or, where TLS is begun, behind it. */
  public boolean offers(Extension extension) {
    return conversation.extensions().has(extension);
  }

  private Step step(List<StoreEvent> events) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    boolean startTls = false;
    End end = null;
    for (StoreEvent each : goingOn(events)) {
      if (each instanceof StoreEvent.Send send) {
        octets.writeBytes(send.octets());
      } else if (each instanceof StoreEvent.StartTls) {
        startTls = true;
      } else {
        end = endOf(each, end);
      }
    }
    greeted |= octets.size() > 0;
    securing |= startTls;
    return new Step(octets.toByteArray(), startTls, end);
  }

  /** Whoever is referred to, this host is there: its greeting is taken as it is. */
  private List<StoreEvent> goingOn(List<StoreEvent> events) {
    List<StoreEvent> all = new ArrayList<>(events);
    if (events.stream().anyMatch(StoreEvent.Referred.class::isInstance)) {
      all.addAll(conversation.goOn());
    }
    return all;
  }

  private static @Nullable End endOf(StoreEvent event, @Nullable End before) {
    if (event instanceof StoreEvent.Opened) {
      return new End(AttemptOutcome.ACCEPTED, "greeted");
    }
    return event instanceof StoreEvent.Failed failed
        ? new End(failed.outcome(), failed.reason())
        : before;
  }
}
