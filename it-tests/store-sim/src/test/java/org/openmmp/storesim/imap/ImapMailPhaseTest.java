package org.openmmp.storesim.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.session.NodeTls;

class ImapMailPhaseTest {
  private StoreCluster cluster;
  private RawImapClient client;

  @BeforeEach
  void logIn() throws IOException {
    cluster =
        StoreCluster.start(
            ClusterSettings.replicated("cluster1", "huey", "dewey"),
            new Accounts().user("alice", "sesame"),
            List.of(new ImapEndpoint(NodeTls.none())));
    Mailbox inbox = cluster.mail().of("alice").inbox();
    inbox.append(
        List.of("\\Seen"),
        OffsetDateTime.parse("2026-11-02T08:30:01Z"),
        Messages.octets(Messages.TEXT));
    inbox.append(
        List.of("work"),
        OffsetDateTime.parse("2026-11-13T10:00:02+05:30"),
        Messages.octets(Messages.NESTED));
    client = another("huey");
    client.command("s SELECT INBOX");
  }

  @AfterEach
  void logOut() throws IOException {
    client.close();
    cluster.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          FETCH 1 FLAGS | * 1 FETCH (FLAGS (\\Seen))
          FETCH 1:* UID | * 1 FETCH (UID 1)~* 2 FETCH (UID 2)
          UID FETCH 2 FLAGS | * 2 FETCH (UID 2 FLAGS (work))
          FETCH 1 INTERNALDATE | * 1 FETCH (INTERNALDATE " 2-Nov-2026 08:30:01 +0000")
          FETCH 2 (FLAGS INTERNALDATE RFC822.SIZE) | * 2 FETCH (FLAGS (work) INTERNALDATE "13-Nov-2026 10:00:02 +0530" RFC822.SIZE 621)
          FETCH 1 BODY.PEEK[TEXT] | * 1 FETCH (BODY[TEXT] {25}~First line~second line~)
          FETCH 1 BODY.PEEK[1]<6.4> | * 1 FETCH (BODY[1]<6> {4}~line)
          FETCH 1 BODY.PEEK[]<900.5> | * 1 FETCH (BODY[]<900> {0}~)
          FETCH 1 BODY.PEEK[HEADER.FIELDS (message-id)] | * 1 FETCH (BODY[HEADER.FIELDS ("message-id")] {31}~Message-ID: <1@example.org>~~)
          FETCH 2 BODY.PEEK[1] | * 2 FETCH (BODY[1] {9}~see below)
          FETCH 2 BODY.PEEK[2.1] | * 2 FETCH (BODY[2.1] {11}~plain words)
          FETCH 2 BODY.PEEK[2.2] | * 2 FETCH (BODY[2.2] {13}~<p>=C3=BC</p>)
          FETCH 2 BODY.PEEK[2.2.MIME] | * 2 FETCH (BODY[2.2.MIME] {87}~Content-Type: text/html; charset=utf-8~Content-Transfer-Encoding: quoted-printable~~)
          FETCH 2 BODY.PEEK[2.HEADER.FIELDS (SUBJECT)] | * 2 FETCH (BODY[2.HEADER.FIELDS ("SUBJECT")] {18}~Subject: inner~~)
          FETCH 2 BODY.PEEK[7] | * 2 FETCH (BODY[7] {0}~)
          FETCH 1 ENVELOPE | * 1 FETCH (ENVELOPE ("Mon, 2 Nov 2026 09:30:00 +0100" "=?utf-8?q?Gr=C3=BC=C3=9Fe?= from the sea" ((NIL NIL "carol" "example.org")) ((NIL NIL "carol" "example.org")) ((NIL NIL "carol" "example.org")) ((NIL NIL "alice" "example.com")(NIL NIL "bob" "example.com")) NIL NIL NIL "<1@example.org>"))
          FETCH 1 BODYSTRUCTURE | * 1 FETCH (BODYSTRUCTURE ("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 25 2 NIL NIL NIL NIL))
          FETCH 2 BODYSTRUCTURE | * 2 FETCH (BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 9 0 NIL NIL NIL NIL)("message" "rfc822" NIL NIL NIL "7bit" 284 (NIL "inner" ((NIL NIL "dave" "example.com")) ((NIL NIL "dave" "example.com")) ((NIL NIL "dave" "example.com")) NIL NIL NIL NIL NIL) (("text" "plain" NIL NIL NIL "7bit" 11 0 NIL NIL NIL NIL)("text" "html" ("charset" "utf-8") NIL NIL "quoted-printable" 13 0 NIL NIL NIL NIL) "alternative" ("boundary" "inner") NIL NIL NIL) 14 NIL ("attachment" ("filename" "inner.eml")) NIL NIL) "mixed" ("boundary" "outer") NIL NIL NIL))
          SEARCH ALL | * SEARCH 1 2
          SEARCH UNSEEN | * SEARCH 2
          SEARCH SEEN UNDELETED 1:* | * SEARCH 1
          SEARCH SUBJECT "SEA" | * SEARCH 1
          UID SEARCH UID 2:* | * SEARCH 2
          SEARCH CHARSET UTF-8 SUBJECT "grüße" | * SEARCH 1
          STORE 2 +FLAGS (\\Flagged) | * 2 FETCH (FLAGS (\\Flagged work))
          STORE 2 FLAGS.SILENT \\Draft | ``
          UID STORE 1 -FLAGS \\Seen | * 1 FETCH (UID 1 FLAGS ())
          LIST "" * | * LIST (\\HasNoChildren) "/" "INBOX"
          LIST "" "" | * LIST (\\Noselect) "/" ""
          LSUB "" "*" | * LSUB (\\HasNoChildren) "/" "INBOX"
          STATUS inbox (MESSAGES UNSEEN UIDNEXT) | * STATUS "inbox" (MESSAGES 2 UNSEEN 1 UIDNEXT 3)
          NAMESPACE | * NAMESPACE (("" "/")) NIL NIL
          ENABLE CONDSTORE | * ENABLED
          """)
  void commandHasThisAnswer(String command, String answer) throws IOException {
    String octets = new String(Messages.octets(command), StandardCharsets.ISO_8859_1);
    List<String> lines = new ArrayList<>(client.command("c " + octets));
    assertTrue(lines.remove(lines.size() - 1).startsWith("c OK"));
    List<String> expected = answer.isEmpty() ? List.of() : Arrays.asList(answer.split("~", -1));
    assertEquals(expected, lines);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FETCH 0 FLAGS
          FETCH 1 NOTHING
          FETCH 1 BODY[1
          FETCH 1 BODY[X]
          FETCH 1 (FLAGS
          STORE 1 FLAG \\Seen
          SEARCH NONSENSE
          SEARCH SINCE yesterday
          SEARCH CHARSET KOI8-R ALL
          SELECT
          STATUS INBOX (SIZE2)
          APPEND INBOX hello
          UID NOOP
          NONSENSE
          LOGIN a b
          """)
  void commandOutsideTheGrammarIsBad(String command) throws IOException {
    String answer = client.answer("c " + command);
    assertTrue(answer.startsWith("c BAD "), answer);
    assertEquals("d OK done", client.answer("d NOOP"));
  }

  @Test
  void fetchingTheBodySetsSeenOnTheMasterOnly() throws IOException {
    try (RawImapClient replica = another("dewey")) {
      replica.command("s SELECT INBOX");
      assertEquals(
          List.of("* 2 FETCH (BODY[1] {9}", "see below)", "f OK done"),
          replica.command("f FETCH 2 BODY[1]"));
      assertTrue(replica.answer("g STORE 2 +FLAGS \\Seen").startsWith("g NO [READ-ONLY] "));
      assertTrue(replica.answer("h EXPUNGE").startsWith("h NO [READ-ONLY] "));
      assertTrue(replica.answer("i COPY 1 INBOX").startsWith("i NO [READ-ONLY] "));
      assertEquals(
          List.of(
              "* 2 FETCH (BODY[1] {9}",
              "see below)", "* 2 FETCH (UID 2 FLAGS (\\Seen work))", "f OK done"),
          client.command("f FETCH 2 BODY[1]"));
      assertEquals(
          List.of("* 2 FETCH (UID 2 FLAGS (\\Seen work))", "j OK done"), replica.command("j NOOP"));
    }
  }

  @Test
  void appendTakesBothKindsOfLiteralOfAnySize() throws IOException {
    client.send("a APPEND INBOX (\\Flagged) \" 1-Jan-2026 00:00:00 +0000\" {9}\r\n");
    assertEquals("+ Ready for literal", client.line());
    client.send("A: b\r\n\r\nc\r\n");
    assertEquals("* 3 EXISTS", client.line());
    assertTrue(client.line().matches("a OK \\[APPENDUID \\d+ 3] appended"));
    String big = "x".repeat(3_000_000);
    client.send("b APPEND INBOX {" + big.length() + "+}\r\n" + big + "\r\n");
    assertEquals("* 4 EXISTS", client.line());
    assertTrue(client.line().startsWith("b OK "));
    assertEquals("* 4 FETCH (RFC822.SIZE 3000000)", client.command("c FETCH 4 RFC822.SIZE").get(0));
    client.send("d APPEND nowhere {1+}\r\nx\r\n");
    assertTrue(client.line().startsWith("d NO [TRYCREATE] "));
  }

  @Test
  void expungeMoveAndCopyKeepNumbersStraight() throws IOException {
    assertEquals("a OK done", client.answer("a CREATE work/old"));
    String copied = client.answer("b COPY 1:2 work/old");
    assertTrue(copied.matches("b OK \\[COPYUID \\d+ 1,2 1,2] copied"), copied);
    List<String> moved = client.command("c UID MOVE 1 work");
    assertTrue(moved.get(0).matches("\\* OK \\[COPYUID \\d+ 1 1] moving"), moved.get(0));
    assertEquals("* 1 EXPUNGE", moved.get(1));
    try (RawImapClient other = another("huey")) {
      other.command("s SELECT INBOX");
      client.command("d STORE 1 +FLAGS.SILENT \\Deleted");
      assertEquals(List.of("* 1 EXPUNGE", "e OK done"), client.command("e EXPUNGE"));
      assertEquals(
          List.of("* SEARCH 1", "f OK done"),
          other.command("f SEARCH ALL"),
          "no EXPUNGE while numbers are in use");
      assertEquals(List.of("* 1 EXPUNGE", "g OK done"), other.command("g NOOP"));
    }
  }

  @Test
  void uidExpungeTouchesOnlyItsSet() throws IOException { // RFC 4315
    client.command("a STORE 1:2 +FLAGS.SILENT (\\Deleted)");
    assertEquals(List.of("* 2 EXPUNGE", "b OK done"), client.command("b UID EXPUNGE 2"));
    assertEquals("c OK done", client.answer("c CLOSE"));
    assertEquals(0, cluster.mail().of("alice").inbox().messages().size());
  }

  @Test
  void mailboxesAreRenamedSubscribedAndDeleted() throws IOException {
    client.command("a CREATE work/2026/");
    client.command("b SUBSCRIBE work");
    assertEquals("c OK done", client.answer("c RENAME work done"));
    assertEquals(
        List.of(
            "* LIST (\\HasChildren) \"/\" \"done\"",
            "* LIST (\\HasNoChildren) \"/\" \"INBOX\"",
            "d OK done"),
        sorted(client.command("d LIST \"\" %")));
    assertEquals(
        List.of("* LIST (\\HasNoChildren) \"/\" \"done/2026\"", "e OK done"),
        client.command("e LIST done/ %"));
    assertEquals("f OK done", client.answer("f DELETE done/2026"));
    assertTrue(client.answer("g DELETE INBOX").startsWith("g NO "));
    assertTrue(client.answer("h SELECT done/2026").startsWith("h NO [NONEXISTENT] "));
    assertEquals("i OK done", client.answer("i UNSUBSCRIBE work"));
  }

  @Test
  void idleHearsOfAnotherSessionsWork() throws IOException { // RFC 2177
    client.send("a IDLE\r\n");
    assertEquals("+ idling", client.line());
    cluster
        .mail()
        .of("alice")
        .inbox()
        .append(List.of(), OffsetDateTime.parse("2026-11-02T08:30:01Z"), new byte[] {'x'});
    assertEquals("* 3 EXISTS", client.line());
    try (RawImapClient other = another("huey")) {
      other.command("s SELECT INBOX");
      other.command("t STORE 1 +FLAGS \\Deleted");
      assertEquals("* 1 FETCH (UID 1 FLAGS (\\Deleted \\Seen))", client.line());
      other.command("u EXPUNGE");
      assertEquals("* 1 EXPUNGE", client.line());
    }
    client.send("DONE\r\n");
    assertEquals("a OK done", client.line());
  }

  private static List<String> sorted(List<String> lines) {
    return lines.stream().sorted(String.CASE_INSENSITIVE_ORDER).toList();
  }

  private RawImapClient another(String node) throws IOException {
    RawImapClient another = new RawImapClient(cluster.node(node).socket("imap"));
    another.line();
    assertTrue(another.answer("l LOGIN alice {6+}\r\nsesame").startsWith("l OK "));
    return another;
  }
}
