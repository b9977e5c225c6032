package org.openmmp.proxy.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Steps as they come up; texts in a row become one write. */
final class ClientSteps {
  private final List<SessionStep> steps = new ArrayList<>(2);
  private final StringBuilder text = new StringBuilder();

  /** Whole lines, octets as ISO-8859-1. */
  void say(String lines) {
    text.append(lines);
  }

  void add(SessionStep step) {
    flush();
    steps.add(step);
  }

  /** A step that writes nothing: texts around it stay one write. */
  void note(SessionStep step) {
    steps.add(step);
  }

  /** All steps so far; the collector is empty then. */
  List<SessionStep> taken() {
    flush();
    List<SessionStep> taken = List.copyOf(steps);
    steps.clear();
    return taken;
  }

  private void flush() {
    if (!text.isEmpty()) {
      steps.add(new SessionStep.Write(text.toString().getBytes(StandardCharsets.ISO_8859_1)));
      text.setLength(0);
    }
  }
}
