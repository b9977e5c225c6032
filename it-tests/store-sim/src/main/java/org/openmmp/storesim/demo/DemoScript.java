package org.openmmp.storesim.demo;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * Runs the demo's commands from a list, echoing each. {@code expect TEXT} looks for a text in what
 * the command before it printed.
 */
final class DemoScript {
  private static final String EXPECT = "expect ";

  private final DemoWorld world;
  private final DemoProxy proxy;
  private final PrintWriter out;

  DemoScript(DemoWorld world, DemoProxy proxy, PrintWriter out) {
    this.world = world;
    this.proxy = proxy;
    this.out = out;
  }

  /** The exit status: 0, or 1 at the first line that fails. */
  int run(List<String> lines) throws InterruptedException {
    String said = "";
    for (String line : lines) {
      if (line.isBlank()) {
        continue;
      }
      out.println((line.startsWith("#") ? "\n" : "demo> ") + line);
      if (line.startsWith(EXPECT)) {
        if (!said.contains(line.substring(EXPECT.length()).strip())) {
          out.println("FAILED: that is not in the output above");
          return 1;
        }
        continue;
      }
      StringWriter text = new StringWriter();
      DemoCommands.Result result = new DemoCommands(world, proxy, new PrintWriter(text)).run(line);
      if (!line.startsWith("#")) {
        said = text.toString();
        out.print(said);
        out.flush();
      }
      if (result == DemoCommands.Result.NOT_UNDERSTOOD) {
        out.println("FAILED: the script ends here");
        return 1;
      }
      if (result == DemoCommands.Result.QUIT) {
        return 0;
      }
    }
    return 0;
  }
}
