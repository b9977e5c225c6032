package org.openmmp.proxy.imap;

import java.util.ArrayList;
import java.util.List;
import org.openmmp.proxy.session.ClientStep;

/** Steps as they come up; responses in a row become one write. */
final class ImapClientSteps {
  private final List<ClientStep> steps = new ArrayList<>(2);
  private final StringBuilder text = new StringBuilder();

  /** A response, with its line end. */
  void say(String response) {
    text.append(response);
  }

  void add(ClientStep step) {
    flush();
    steps.add(step);
  }

  /** All steps so far; the collector is empty then. */
  List<ClientStep> taken() {
    flush();
    List<ClientStep> taken = List.copyOf(steps);
    steps.clear();
    return taken;
  }

  private void flush() {
    if (!text.isEmpty()) {
      steps.add(new ClientStep.Send(ImapReplies.octets(text.toString())));
      text.setLength(0);
    }
  }
}
