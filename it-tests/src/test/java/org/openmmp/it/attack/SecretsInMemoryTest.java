package org.openmmp.it.attack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.Ports;
import org.openmmp.routing.TlsPolicy;

/** What the program's memory keeps of passwords once they were used (rule B6.6). */
@Tag("slow")
final class SecretsInMemoryTest {
  /** Passwords are made of nothing else, so that a part of one is found as well. */
  private static final String PIECE = "Qz8kV5wXpT3y";

  private static final String PASSWORD = PIECE.repeat(4);
  private static final String WRONG = PIECE.repeat(3);
  private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-f]{16})");
  private static final Pattern WRITABLE = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) rw.*");

  /** Users of the second are bound in the directory before a store is contacted. */
  private static final List<String> DOMAINS = List.of("asked.test", "bound.test");

  private static final List<String> GROUPS = List.of("plain", "secured");

  /** A client's part in one session. */
  private record Script(MailProtocol protocol, Consumer<Talk> play) {}

  /** A session of a user. */
  private record Talk(RawClient client, String user) {
    /** Sends octets and reads on to the answer of tag "a". */
    void imap(String octets) {
      client.send(octets + "\r\n").answer("a");
    }

    /** Sends lines, each behind the answer to the one before it. */
    void lines(String... lines) {
      for (String line : lines) {
        client.send(line + "\r\n").line();
      }
    }

    String plain(String password) {
      return RawClient.base64("\0" + user + "\0" + password);
    }
  }

  private static List<Script> scripts() {
    return Stream.concat(
            imap().stream().map(play -> new Script(MailProtocol.IMAP, play)),
            pop3().stream().map(play -> new Script(MailProtocol.POP3, play)))
        .toList();
  }

  private static List<Consumer<Talk>> imap() {
    String literal = "{" + PASSWORD.length();
    List<Consumer<Talk>> imap = new ArrayList<>();
    imap.add(t -> t.imap("a LOGIN " + t.user() + " " + PASSWORD));
    imap.add(t -> t.imap("a LOGIN " + t.user() + " \"" + PASSWORD + "\""));
    imap.add(
        t -> {
          t.lines("a LOGIN " + t.user() + " " + literal + "}");
          t.imap(PASSWORD);
        });
    imap.add(t -> t.imap("a LOGIN " + t.user() + " " + literal + "+}\r\n" + PASSWORD));
    imap.add(t -> t.imap("a AUTHENTICATE PLAIN " + t.plain(PASSWORD)));
    imap.add(
        t -> {
          t.lines("a AUTHENTICATE PLAIN");
          t.imap(t.plain(PASSWORD));
        });
    imap.add(
        t -> {
          t.lines("a AUTHENTICATE LOGIN", RawClient.base64(t.user()));
          t.imap(RawClient.base64(PASSWORD));
        });
    imap.add(t -> t.imap("a LOGIN " + t.user() + " " + PASSWORD + "\r\nb NOOP"));
    imap.add(
        t -> {
          t.imap("a LOGIN " + t.user() + " " + WRONG);
          t.imap("a LOGIN " + t.user() + " " + PASSWORD);
        });
    imap.add(
        t -> {
          String command = "a LOGIN " + t.user() + " " + PASSWORD + "\r\n";
          for (int i = 0; i < command.length(); i += 20) {
            t.client().send(command.substring(i, Math.min(i + 20, command.length())));
          }
          t.client().answer("a");
        });
    imap.add(t -> t.imap("a LOGIN " + t.user() + " " + WRONG));
    imap.add(t -> t.imap("a AUTHENTICATE PLAIN " + t.plain(WRONG)));
    imap.add(t -> t.imap("a LOGIN nobody-" + t.user() + " " + PASSWORD));
    imap.add(
        t ->
            t.imap(
                "a AUTHENTICATE XOAUTH2 "
                    + RawClient.base64("user=" + t.user() + "\1auth=Bearer " + PASSWORD + "\1\1")));
    imap.add(t -> t.imap("a LOGIN x " + PASSWORD + " " + PASSWORD));
    imap.add(t -> t.imap("a AUTHENTICATE PLAIN " + t.plain(PASSWORD) + "!"));
    imap.add(t -> t.imap("a NOOP " + PASSWORD));
    imap.add(t -> t.imap("a " + PASSWORD));
    imap.add(
        t -> {
          t.lines("a AUTHENTICATE LOGIN", RawClient.base64(t.user()));
          t.imap("*");
        });
    imap.add(
        t -> {
          t.lines("a LOGIN " + t.user() + " {100}");
          t.client().send(PASSWORD).finish().rest();
        });
    imap.add(t -> t.client().send("a LOGIN " + t.user() + " " + PASSWORD).finish().rest());
    return imap;
  }

  private static List<Consumer<Talk>> pop3() {
    List<Consumer<Talk>> pop3 = new ArrayList<>();
    pop3.add(t -> t.lines("USER " + t.user(), "PASS " + PASSWORD));
    pop3.add(
        t -> t.lines("USER " + t.user() + "\r\nPASS " + PASSWORD + "\r\nSTAT", "STAT", "STAT"));
    pop3.add(t -> t.lines("AUTH PLAIN " + t.plain(PASSWORD)));
    pop3.add(t -> t.lines("AUTH PLAIN", t.plain(PASSWORD)));
    pop3.add(t -> t.lines("USER " + t.user(), "PASS " + WRONG));
    pop3.add(t -> t.lines("USER nobody-" + t.user(), "PASS " + PASSWORD));
    pop3.add(t -> t.lines("PASS " + PASSWORD));
    pop3.add(t -> t.lines(PASSWORD));
    pop3.add(t -> t.lines("AUTH PLAIN " + t.plain(PASSWORD) + "!"));
    pop3.add(
        t -> {
          t.lines("USER " + t.user());
          t.client().send("PASS " + PASSWORD).finish().rest();
        });
    return pop3;
  }

  /** Sessions of the group plain go on at its second host once the first one is gone. */
  @Test // B6.6, B9.6
  void noPasswordStaysInMemoryOnceItWasUsed() {
    Place site = Place.of(3);
    int popPort = Ports.freeOnAll(site.addresses());
    Place imap = site;
    Place pop3 = new Place(site.addresses(), popPort);
    LogWatch watch = new LogWatch(List.of(PIECE));
    watch.expect("WARN");
    try (ProgramApart program =
        new ProgramApart(
            SecretsInMemoryTest.class,
            "proxy",
            watch,
            List.of(),
            """
            openmmp {
              proxy-defaults { imapport = %d, popport = %d }
              proxy.plain {
                storehostlist = "plain.test next.test"
                survive-failover = on, imapadmin = administrator, imapadminpass = another-one
              }
              proxy.secured { storehostlist = secured.test, tls = starttls }
              resolver.hosts { "plain.test" = "%s", "secured.test" = "%s", "next.test" = "%s" }
              imap { failed-logins = 100, bad-commands = 100 }
              pop3 { failed-logins = 100, bad-commands = 100 }
              directory.pre-authentication.domains = [bound.test]
            }
            """
                .formatted(
                    site.port(), popPort, site.address(0), site.address(1), site.address(2)))) {
      ScriptedStore first = open(program, imap, pop3);
      play(program::client);
      Await.until(
          () -> "sessions can be moved: " + movable(program),
          Duration.ofSeconds(60),
          () -> movable(program) > 10);
      assertEquals(Map.of(), inDump(program, "plain", "-all"), "on the heap, garbage included");
      assertEquals(Map.of(), outsideOfHeap(program), "outside of the heap");
      first.close();
      Await.until(
          () -> "sessions went on: " + program.metric("openmmp_moves_total"),
          Duration.ofSeconds(60),
          () -> program.metric("openmmp_moves_total") > 10);
      assertEquals(Map.of(), inDump(program, "moved", "-all"), "behind moves");
      assertEquals(Map.of(), outsideOfHeap(program), "outside of the heap, behind moves");
      play(program::tlsClient);
      assertEquals(Map.of(), inDump(program, "tls", "-all"), "under TLS");
      assertTrue(program.metric("openmmp_sessions_relaying") > 50, "sessions that go on");
      program.leave();
      assertEquals(Map.of(), inDump(program, "live"), "once all have left");
    }
  }

  private static double movable(ProgramApart program) {
    return program.metric("openmmp_sessions_movable");
  }

  /** Plays all scripts for all users; the sessions stay open. */
  private static void play(Function<MailProtocol, RawClient> connect) {
    for (Script script : scripts()) {
      for (String user : users()) {
        script.play().accept(new Talk(connect.apply(script.protocol()), user));
      }
    }
  }

  private static List<String> users() {
    List<String> users = new ArrayList<>();
    for (String domain : DOMAINS) {
      for (String group : GROUPS) {
        users.add("user-at-" + group + "@" + domain);
      }
    }
    return users;
  }

  /** Opens the stores; returns the one that IMAP sessions of the group plain begin at. */
  private static ScriptedStore open(ProgramApart program, Place imap, Place pop3) {
    List<ScriptedStore> firsts = new ArrayList<>();
    var tls = TestAuthority.shared().host("secured.test").context();
    for (MailProtocol protocol : MailProtocol.values()) {
      Place place = protocol == MailProtocol.IMAP ? imap : pop3;
      for (int host : new int[] {0, 2}) {
        firsts.add(
            program.store(
                place,
                host,
                StoreScript.of(protocol)
                    .refusing(WRONG)
                    .capabilities(
                        protocol == MailProtocol.IMAP
                            ? ImapScript.SASL + " AUTH=XOAUTH2"
                            : Pop3Script.SASL)));
      }
      program.store(
          place,
          1,
          StoreScript.of(protocol)
              .refusing(WRONG)
              .secured(TlsPolicy.STARTTLS, tls)
              .capabilities(
                  protocol == MailProtocol.IMAP ? ImapScript.LOGIN_ONLY : Pop3Script.BY_COMMAND));
    }
    for (String user : users()) {
      String[] parts = user.split("@", 2);
      program.user(parts[0], parts[1], PASSWORD, parts[0].replace("user-at-", ""));
    }
    return firsts.get(MailProtocol.IMAP.ordinal() * 2);
  }

  /** How often each form of a password is in a heap dump. */
  private static Map<String, Integer> inDump(ProgramApart program, String name, String... options) {
    Path file = program.folder("dumps").resolve(name + ".hprof");
    List<String> command = new ArrayList<>(List.of("GC.heap_dump"));
    command.addAll(List.of(options));
    command.add(file.toString());
    jcmd(program, command);
    try {
      return found(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String jcmd(ProgramApart program, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(program.pid())));
    command.addAll(arguments);
    return Command.run(Map.of(), "", command).succeeded().output();
  }

  /**
   * How often each form is in what a core would have beside the heap, where the collector leaves
   * copies that no program can reach.
   */
  private static Map<String, Integer> outsideOfHeap(ProgramApart program) {
    List<Long> heap =
        ADDRESS
            .matcher(jcmd(program, List.of("GC.heap_info")))
            .results()
            .map(address -> Long.parseUnsignedLong(address.group(1), 16))
            .sorted()
            .toList();
    long heapEnd = heap.get(heap.size() - 1);
    Map<String, Integer> all = new TreeMap<>();
    String process = "/proc/" + program.pid();
    try (RandomAccessFile memory = new RandomAccessFile(process + "/mem", "r")) {
      for (String line : Files.readAllLines(Path.of(process, "maps"))) {
        Matcher writable = WRITABLE.matcher(line);
        if (writable.matches()) {
          long from = Long.parseUnsignedLong(writable.group(1), 16);
          long to = Long.parseUnsignedLong(writable.group(2), 16);
          if (to <= heap.get(0) || from >= heapEnd) {
            found(octets(memory, from, to)).forEach((f, n) -> all.merge(f, n, Integer::sum));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** What is mapped there; nothing where the kernel lets nobody read. */
  private static byte[] octets(RandomAccessFile memory, long from, long to) {
    byte[] octets = new byte[Math.toIntExact(to - from)];
    try {
      memory.seek(from);
      memory.readFully(octets);
      return octets;
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private static Map<String, Integer> found(byte[] octets) {
    Map<String, Integer> found = new TreeMap<>();
    String text = new String(octets, ISO_8859_1);
    forms()
        .forEach(
            (name, form) -> {
              for (int at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
                String before = text.substring(Math.max(0, at - 20), at).replaceAll("[^ -~]", ".");
                found.merge(name + " behind " + before, 1, Integer::sum);
              }
            });
    return found;
  }

  /** What a part of a password looks like in memory, octets as ISO 8859-1. */
  private static Map<String, String> forms() {
    Map<String, String> forms = new TreeMap<>();
    forms.put("plain", PIECE);
    forms.put("UTF-16LE", new String(PIECE.getBytes(StandardCharsets.UTF_16LE), ISO_8859_1));
    forms.put("UTF-16BE", new String(PIECE.getBytes(StandardCharsets.UTF_16BE), ISO_8859_1));
    for (int shift = 0; shift < 3; shift++) {
      String encoded = RawClient.base64(PIECE.repeat(2).substring(shift));
      forms.put("base64 from octet " + shift, encoded.substring(0, PIECE.length() / 3 * 4));
    }
    return forms;
  }
}
