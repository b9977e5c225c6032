package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.text.SafeText;

/** Rule P2: what a command prints moves, hides and reorders nothing on a terminal. */
final class SafeOutputTest {
  private static final String FOREIGN = "a\u009b2J\u202e\u2028\ud800\u001b[2Jü";

  @Test
  void linesAreWrittenWithWhatCannotBeSeenAsNumbers() {
    StringWriter written = new StringWriter();
    PrintWriter out = SafeOutput.to(new PrintWriter(written));
    out.println(FOREIGN + "\n\tb");
    out.print(FOREIGN.toCharArray());
    out.write(0x9b);
    out.flush();
    String safe = "a\\u009b2J\\u202e\\u2028\\ud800\\u001b[2Jü";
    assertEquals(safe + "\n\tb\n" + safe + "\\u009b", written.toString());
  }

  @Test
  void aCommandsWordsAreSafeWhateverItWasAsked(@TempDir Path folder) throws IOException {
    String typed = "a\u009b2J\u202e\u2028x";
    Path config = folder.resolve("openmmp.conf");
    Files.writeString(config, "openmmp { \"" + typed + "\" = 1 }");
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    for (String command : List.of("lint", "status", "explain")) {
      String user = command.equals("explain") ? typed : "--" + command;
      Main.run(
          new PrintWriter(out), new PrintWriter(errors), command, "-c", config.toString(), user);
      Main.run(new PrintWriter(out), new PrintWriter(errors), command, "-c", config.toString());
    }
    assertTrue(errors.toString().contains("a\\u009b2J\\u202e\\u2028x"), errors.toString());
    String all = (out + "" + errors).replace("\n", "").replace("\t", "");
    assertTrue(SafeText.isVisible(all), all);
  }
}
