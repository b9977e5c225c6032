package org.openmmp.proxy.session;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openmmp.routing.ProbeDialogue;
import org.openmmp.routing.StoreStep;

/** A store's side of a probe, and what the probe makes of it. */
public final class ProbeScript {
  private ProbeScript() {}

  /**
   * Plays a store.
   *
   * @param words what it says, {@code ~} for a line's end, {@code (tls)} for a handshake and {@code
   *     (more)} between answers
   * @return sent lines, {@code TLS} where it begins, then the outcome and, in the end, the farewell
   */
  public static String play(ProbeDialogue probe, String words) {
    StringBuilder happened = new StringBuilder();
    boolean handshake = false;
    for (String part : words.strip().replace("~", "\r\n").split("\\(tls\\)", -1)) {
      if (handshake) {
        tell(probe.onTls(), happened);
      }
      handshake = true;
      for (String answer : part.split("\\(more\\)", -1)) {
        tell(probe.onBytes(answer.getBytes(StandardCharsets.US_ASCII)), happened);
      }
    }
    happened.append('/').append(text(probe.leave()));
    return happened.toString().strip();
  }

  private static void tell(List<StoreStep> steps, StringBuilder happened) {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    StringBuilder behind = new StringBuilder();
    for (StoreStep step : steps) {
      if (step instanceof StoreStep.Send send) {
        sent.writeBytes(send.octets());
      } else if (step == StoreStep.Simple.START_TLS) {
        behind.append("TLS ");
      } else if (step instanceof ProbeDialogue.End end) {
        behind.append(end.outcome()).append(' ');
      }
    }
    if (sent.size() > 0) {
      happened.append('>').append(text(sent.toByteArray())).append(' ');
    }
    happened.append(behind);
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.US_ASCII).strip().replace("\r\n", ";");
  }
}
