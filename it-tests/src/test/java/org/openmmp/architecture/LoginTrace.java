package org.openmmp.architecture;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ClassType;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.MethodEntryRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The methods of the product that one IMAP session enters, from accept to logout, in the program
 * that users start with {@code ./openmmp demo}: logins of somebody whose store is known by then.
 */
final class LoginTrace {
  private static final String PROGRAM = "org.openmmp.";
  private static final String SIMULATION = "org.openmmp.storesim.*";
  private static final String LOGIN = "login alice\n";
  private static final String END_OF_LOGIN = "logins: huey 1";
  private static final int WARMING_LOGINS = 5;
  private static final int TRACED_LOGINS = 10;

  private final Map<String, Integer> entered = new TreeMap<>();
  private final Set<String> made = new TreeSet<>();
  private final Map<Long, String> inside = new HashMap<>();
  private int moves;

  private LoginTrace() {}

  /** Runs the program, and traces some of its logins. */
  static LoginTrace take(Path directory) throws Exception {
    Path script = directory.resolve("logins");
    Files.writeString(script, LOGIN.repeat(WARMING_LOGINS + TRACED_LOGINS + 1) + "quit\n");
    LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    set(arguments, "main", "org.openmmp.storesim.demo.Demo --script " + script);
    set(arguments, "options", "-Xmx256m -cp \"" + System.getProperty("java.class.path") + '"');
    VirtualMachine machine = connector.launch(arguments);
    Process program = machine.process();
    Thread quiet = new Thread(() -> drain(program.errorReader(StandardCharsets.UTF_8)));
    quiet.setDaemon(true);
    quiet.start();
    try (BufferedReader answers = program.inputReader(StandardCharsets.UTF_8)) {
      LoginTrace trace = new LoginTrace();
      Thread reader = new Thread(() -> trace.read(machine));
      reader.start();
      MethodEntryRequest entries = machine.eventRequestManager().createMethodEntryRequest();
      entries.addClassFilter(PROGRAM + "*");
      entries.addClassExclusionFilter(SIMULATION);
      entries.setSuspendPolicy(EventRequest.SUSPEND_NONE);
      machine.resume();
      awaitLogins(answers, WARMING_LOGINS);
      entries.enable();
      awaitLogins(answers, TRACED_LOGINS);
      entries.disable();
      drain(answers);
      reader.join();
      return trace;
    } finally {
      program.destroy();
      program.waitFor();
    }
  }

  private static void set(Map<String, Connector.Argument> arguments, String name, String value) {
    Objects.requireNonNull(arguments.get(name), name).setValue(value);
  }

  private static void awaitLogins(BufferedReader answers, int count) throws IOException {
    List<String> heard = new ArrayList<>();
    int logins = 0;
    while (logins < count) {
      String line = answers.readLine();
      if (line == null) {
        throw new AssertionError("no more logins: " + String.join("\n", heard));
      }
      heard.add(line);
      logins += line.contains(END_OF_LOGIN) ? 1 : 0;
    }
  }

  private static void drain(BufferedReader errors) {
    errors.lines().forEach(line -> {});
  }

  private void read(VirtualMachine machine) {
    try {
      while (true) {
        EventSet events = machine.eventQueue().remove();
        for (Event event : events) {
          if (event instanceof MethodEntryEvent entry) {
            enter(entry);
          }
        }
      }
    } catch (VMDisconnectedException ended) {
      // all is heard
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void enter(MethodEntryEvent entry) {
    Method method = entry.method();
    if (entry.thread().name().equals("main")) {
      return; // the demonstration's own client
    }
    String type = method.declaringType().name().replaceFirst("\\$\\$Lambda.*", "");
    entered.merge(type, 1, Integer::sum);
    if (method.isConstructor() && !isValue(method.declaringType())) {
      made.add(type);
    }
    String before = inside.put(entry.thread().uniqueID(), type);
    if (before != null && !before.equals(type)) {
      moves++;
    }
  }

  private static boolean isValue(ReferenceType type) {
    return type.name().contains("$$Lambda")
        || (type instanceof ClassType made
            && made.superclass() != null
            && made.superclass().name().equals("java.lang.Record"));
  }

  /** The names of the types that were entered, with the number of times. */
  Map<String, Integer> entered() {
    return Map.copyOf(entered);
  }

  /** The names of the types of which a session makes objects that are no records: its spine. */
  Set<String> made() {
    return Set.copyOf(made);
  }

  /**
   * How often, in one login, a method of another type was entered than before, on the same thread.
   */
  int moves() {
    return moves / TRACED_LOGINS;
  }
}
