package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.RunDirectory;

/**
 * What clusters' managers run, in front of a program that answers like a front end: it is started,
 * looked at, drained and ended, and each manager hears what it understands.
 */
@Tag("real-servers")
final class ClusterAgentTest {
  private static final Path CLUSTER = Path.of("../docker/cluster").toAbsolutePath().normalize();
  private static final String TESTER = "/opt/openmmp-tests/resource-agents/usr";

  /** A Java that is asked for its version by a file, and answers the admin pages. */
  private static final String FRONT_END =
      """
      #!/usr/bin/env python3
      import http.server, os, sys
      if "refused" in open(sys.argv[sys.argv.index("--config") + 1]).read():
          print("openmmp: the configuration is refused")
          sys.exit(78)
      class Pages(http.server.BaseHTTPRequestHandler):
          protocol_version = "HTTP/1.1"
          def do_GET(self):
              self.close_connection = True
              self.send_response(200)
              self.end_headers()
      port = int(open(sys.argv[sys.argv.index("--config") + 1]).read())
      http.server.HTTPServer(("127.0.0.1", port), Pages).serve_forever()
      """;

  private RunDirectory run;
  private Installation installation;
  private Path jdk;
  private Path config;
  private int port;

  @BeforeEach
  void open() throws IOException {
    run = RunDirectory.of(ClusterAgentTest.class);
    jdk = Installation.jdk(run.create("jdk-25"), "25.0.3");
    Files.writeString(jdk.resolve("bin/java"), FRONT_END);
    installation = Installation.of(run.create("openmmp"), "openmmp-frontend-1.2.3.jar");
    port = Ports.freeOn("127.0.0.1");
    config = Files.writeString(run.create("etc").resolve("openmmp.conf"), "" + port);
  }

  @AfterEach
  void remove() {
    agent("ocf", "clean");
    run.close();
  }

  private Command.Result agent(String manager, String action) {
    return installation.run(
        jdk,
        "agent",
        action,
        "--for",
        manager,
        "--config",
        config.toString(),
        "--run",
        run.create("run").toString(),
        "--admin",
        "127.0.0.1:" + port,
        "--limit",
        "20");
  }

  private String pid() throws IOException {
    return Files.readString(run.create("run").resolve("openmmp.pid")).strip();
  }

  private static void signal(String name, String pid) {
    Command.run("bash", "-c", "kill -" + name + " " + pid).succeeded();
  }

  /** Of Pacemaker, Veritas, Oracle Clusterware and Solaris Cluster, in the words of each. */
  @ParameterizedTest
  @CsvSource({"ocf,7,0,7", "vcs,100,110,100", "crs,2,0,1", "gds,100,0,100"})
  void monitorTellsWhatItFindsInTheNumbersOfTheManager(
      String manager, int stopped, int running, int died) throws IOException {
    assertEquals(stopped, agent(manager, "monitor").status());
    assertEquals(0, agent(manager, "start").status());
    assertEquals(running, agent(manager, "monitor").status());
    String first = pid();
    assertEquals(0, agent(manager, "start").status(), "what runs is not started twice");
    assertEquals(first, pid());
    signal("KILL", first);
    Await.until(
        "the process ends",
        Duration.ofSeconds(30),
        () -> agent(manager, "monitor").status() == died);
    assertEquals(0, agent(manager, "clean").status());
    assertEquals(stopped, agent(manager, "monitor").status());
  }

  @ParameterizedTest
  @CsvSource({"ocf,1", "vcs,100", "crs,5", "gds,100"})
  void frontEndThatHangsIsAFaultAndIsCleanedAway(String manager, int hangs) throws IOException {
    assertEquals(0, agent(manager, "start").status());
    signal("STOP", pid());
    Command.Result looked =
        installation.run(
            jdk,
            "agent",
            "monitor",
            "--for",
            manager,
            "--config",
            config.toString(),
            "--run",
            run.create("run").toString(),
            "--admin",
            "127.0.0.1:" + port,
            "--limit",
            "1");
    assertEquals(hangs, looked.status(), looked::toString);
    assertEquals(0, agent(manager, "clean").status());
  }

  @Test
  void stopEndsItAndWhatDoesNotRunIsStopped() {
    assertEquals(0, agent("ocf", "stop").status());
    assertEquals(0, agent("ocf", "start").status());
    assertEquals(0, agent("ocf", "stop").status());
    assertEquals(7, agent("ocf", "monitor").status());
  }

  @Test
  void startThatIsRefusedEndsAndSaysWhy() throws IOException {
    Files.writeString(config, "refused");
    Command.Result refused = agent("ocf", "start");
    assertEquals(1, refused.status());
    assertTrue(refused.errors().contains("the configuration is refused"), refused::toString);
    assertEquals(7, agent("ocf", "monitor").status());
  }

  @Test
  void otherProcessOfTheRememberedNumberIsNotOurs() throws IOException {
    Files.writeString(run.create("run").resolve("openmmp.pid"), "1\n");
    assertEquals(7, agent("ocf", "monitor").status());
    assertEquals(0, agent("ocf", "stop").status());
  }

  @Test
  void pacemakersAgentFulfilsItsContract() {
    List<String> words = new ArrayList<>(List.of(TESTER + "/sbin/ocf-tester", "-n", "mmp"));
    Map<String, String> parameters =
        Map.of(
            "program", installation.home().resolve("openmmp").toString(),
            "config", config.toString(),
            "admin", "127.0.0.1:" + port,
            "run", run.create("run").toString());
    parameters.forEach((name, value) -> words.addAll(List.of("-o", name + "=" + value)));
    words.add(CLUSTER.resolve("pacemaker/openmmp").toString());
    Command.Result tested = Command.run(Map.of("JAVA_HOME", jdk.toString()), "", words).succeeded();
    assertTrue(tested.output().contains("passed all tests"), tested::toString);
  }

  @Test
  void veritasScriptsPassItsAttributesOn() throws IOException {
    for (String[] each :
        new String[][] {
          {"monitor", "100"}, {"online", "0"}, {"monitor", "110"}, {"offline", "0"}, {"clean", "0"}
        }) {
      Command.Result result =
          Command.run(
              Map.of("JAVA_HOME", jdk.toString()),
              "",
              List.of(
                  CLUSTER.resolve("vcs").resolve(each[0]).toString(),
                  "mmp_front_end",
                  installation.home().resolve("openmmp").toString(),
                  config.toString(),
                  "127.0.0.1:" + port,
                  "all",
                  run.create("run").toString()));
      assertEquals(Integer.parseInt(each[1]), result.status(), () -> each[0] + result);
    }
    String types = Files.readString(CLUSTER.resolve("vcs/OpenMMPTypes.cf"));
    for (String setting :
        List.of("FaultOnMonitorTimeouts = 2", "ConfInterval = 600", "ToleranceLimit = 0")) {
      assertTrue(types.contains(setting), setting);
    }
  }

  @Test
  void clusterwaresScriptAnswersItsWords() throws IOException {
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME", jdk.toString(),
            "OPENMMP_PROGRAM", installation.home().resolve("openmmp").toString(),
            "OPENMMP_CONFIG", config.toString(),
            "OPENMMP_ADMIN", "127.0.0.1:" + port,
            "OPENMMP_RUN", run.create("run").toString());
    for (String[] each :
        new String[][] {
          {"check", "2"}, {"start", "0"}, {"check", "0"}, {"stop", "0"}, {"abort", "0"}
        }) {
      Command.Result result =
          Command.run(
              environment, "", List.of(CLUSTER.resolve("clusterware/openmmp").toString(), each[0]));
      assertEquals(Integer.parseInt(each[1]), result.status(), () -> each[0] + result);
    }
    String attributes = Files.readString(CLUSTER.resolve("clusterware/openmmp.attributes"));
    assertTrue(attributes.contains("\nCHECK_INTERVAL=10\n"), attributes);
    assertTrue(attributes.contains("\nRESTART_ATTEMPTS=2\n"), attributes);
  }
}
