package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.RunDirectory;

/** The whole picture: clients → balancer → proxy → stores ← relay ← MTA, as docker/ has it. */
@Tag("real-servers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CompositionTest {
  private static final Duration DELIVERY_LIMIT = Duration.ofSeconds(60);
  private static final String USER = "alice@example.com:wonderland";

  private RunDirectory run;
  private Composition composition;

  @BeforeAll
  void start() {
    run = RunDirectory.of(CompositionTest.class);
    composition = new Composition(run);
  }

  @AfterAll
  void end() {
    composition.close();
    run.close();
  }

  // B5.2, B5.5, B2.7, B6.5
  @Test
  void mailIsDeliveredAndReadAcrossTheDeathOfTheStoreThatServes() {
    deliver("before");
    awaitMessages(1);
    assertEquals(1, messagesByPop3());

    composition.stop("huey");
    deliver("after");
    awaitMessages(2);
    assertEquals(2, messagesByPop3());

    String client = composition.address("proxy").replaceFirst("\\d+$", "1");
    assertTrue(
        composition.log("proxy").contains("client=" + client + " "),
        () -> "the proxy knows its clients by the balancer's word\n" + composition.log("proxy"));
    composition.start("huey");
  }

  // B1.4
  @Test
  void theMtaHearsAtOnceThatNobodyHasAnAddress() {
    Command.run(swaks("nobody@example.com", "unknown")).succeeded();
    Await.until(
        () -> composition.log("mta"),
        DELIVERY_LIMIT,
        () -> composition.log("mta").contains("to=<nobody@example.com>"));
    assertTrue(
        composition
            .log("mta")
            .lines()
            .filter(line -> line.contains("to=<nobody@example.com>"))
            .allMatch(line -> line.contains("dsn=5.1.1")),
        () -> composition.log("mta"));
  }

  private void deliver(String subject) {
    Command.run(swaks("alice@example.com", subject)).succeeded();
  }

  private String[] swaks(String recipient, String subject) {
    return new String[] {
      "swaks",
      "--server",
      composition.address("mta"),
      "--from",
      "sender@example.net",
      "--to",
      recipient,
      "--header",
      "Subject: " + subject,
    };
  }

  private void awaitMessages(int count) {
    Await.until(
        () -> composition.log("mta") + composition.log("relay") + composition.log("proxy"),
        DELIVERY_LIMIT,
        () -> messagesByImap() == count);
  }

  private int messagesByImap() {
    String answer =
        curl("imaps://" + composition.address("balancer") + ":1993/INBOX", "SEARCH ALL");
    String found = answer.replace("* SEARCH", "").strip();
    return found.isEmpty() ? 0 : found.split(" ", -1).length;
  }

  private int messagesByPop3() {
    String answer = curl("pop3s://" + composition.address("balancer") + ":1995/", "LIST");
    return (int) answer.lines().filter(line -> !line.isBlank()).count();
  }

  private static String curl(String url, String request) {
    return Command.run("curl", "-sS", "-k", "--max-time", "30", "-u", USER, url, "-X", request)
        .succeeded()
        .output();
  }
}
