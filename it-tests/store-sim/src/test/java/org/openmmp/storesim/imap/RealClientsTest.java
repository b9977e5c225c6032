package org.openmmp.storesim.imap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.FetchProfile;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.UIDFolder;
import jakarta.mail.event.MessageCountAdapter;
import jakarta.mail.event.MessageCountEvent;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.search.SubjectTerm;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.angus.mail.imap.IMAPFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.ForeignClient;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.mailbox.Mailbox;
import org.openmmp.storesim.session.NodeTls;

class RealClientsTest {
  @TempDir private Path directory;
  private StoreCluster cluster;
  private Path certificate;

  @BeforeEach
  void startGroup() {
    ClusterSettings settings = ClusterSettings.replicated("cluster1", "huey", "dewey");
    SimulatedCertificate made = SimulatedCertificate.forHostsOf(settings);
    certificate = made.writeCertificate(directory.resolve("store.pem"));
    cluster =
        StoreCluster.start(
            settings,
            new Accounts().user("alice", "sesame"),
            List.of(
                new ImapEndpoint(NodeTls.none()),
                new ImapEndpoint("imap-starttls", NodeTls.startTls(made.serverContext())),
                new ImapEndpoint("imaps", NodeTls.implicit(made.serverContext()))));
    inbox()
        .append(
            List.of(),
            OffsetDateTime.parse("2026-11-02T08:30:01Z"),
            Messages.octets(Messages.NESTED));
  }

  @AfterEach
  void stopGroup() {
    cluster.close();
  }

  @Test
  void angusMailListsFetchesAppendsFlagsSearchesAndExpunges() throws Exception {
    try (Store store = connect()) {
      assertTrue(store.getFolder("work").create(Folder.HOLDS_MESSAGES));
      assertEquals(2, store.getDefaultFolder().list("*").length);
      Folder inbox = store.getFolder("INBOX");
      inbox.open(Folder.READ_WRITE);
      Message nested = inbox.getMessage(1);
      assertEquals("forwarded", nested.getSubject());
      assertEquals("bob@example.com", nested.getFrom()[0].toString());
      Multipart parts = (Multipart) nested.getContent();
      assertEquals("see below", parts.getBodyPart(0).getContent());
      assertEquals("inner.eml", parts.getBodyPart(1).getFileName());
      Part inner =
          ((Multipart) ((Message) parts.getBodyPart(1).getContent()).getContent()).getBodyPart(1);
      assertEquals("<p>ü</p>", inner.getContent());

      inbox.appendMessages(new Message[] {message(Messages.TEXT)});
      Message appended = inbox.getMessage(2);
      assertEquals("Grüße from the sea", appended.getSubject());
      FetchProfile profile = new FetchProfile();
      profile.add(FetchProfile.Item.ENVELOPE);
      profile.add(UIDFolder.FetchProfileItem.UID);
      inbox.fetch(inbox.getMessages(), profile);
      assertEquals(2, ((UIDFolder) inbox).getUID(appended));
      assertEquals(1, inbox.search(new SubjectTerm("Grüße")).length);

      nested.setFlag(Flags.Flag.DELETED, true);
      assertEquals(1, inbox.expunge().length);
      assertEquals(1, inbox.getMessageCount());
      inbox.close(false);
    }
    assertEquals(1, inbox().messages().size());
  }

  @Test
  void angusMailHearsOfNewMailWhileItIdles() throws Exception {
    try (Store store = connect()) {
      IMAPFolder folder = (IMAPFolder) store.getFolder("INBOX");
      folder.open(Folder.READ_ONLY);
      CountDownLatch heard = new CountDownLatch(2);
      folder.addMessageCountListener(
          new MessageCountAdapter() {
            @Override
            public void messagesAdded(MessageCountEvent event) {
              heard.countDown();
              appendOne();
            }
          });
      Thread idling = new Thread(() -> idleUntilClosed(folder), "idling");
      idling.start();
      appendOne();
      assertTrue(heard.await(ForeignClient.LIMIT_SECONDS, TimeUnit.SECONDS));
      folder.close(false);
      idling.join();
    }
  }

  private void appendOne() {
    inbox().append(List.of(), OffsetDateTime.now(ZoneOffset.UTC), new byte[] {'x'});
  }

  private static void idleUntilClosed(IMAPFolder folder) {
    try {
      while (folder.isOpen()) {
        folder.idle(true);
      }
    } catch (MessagingException e) {
      assertFalse(folder.isOpen(), e::toString);
    }
  }

  @Test
  void curlListsFetchesAndAppendsOverEveryKindOfTls() throws Exception {
    String host = cluster.node("huey").address();
    byte[] mail = randomText(300_000);
    Path file = Files.write(directory.resolve("mail.eml"), mail);
    String pem = certificate.toString();
    List<List<String>> ways =
        List.of(
            List.of("imap://" + host + ":" + cluster.port("imap")),
            List.of(
                "imap://" + host + ":" + cluster.port("imap-starttls"),
                "--ssl-reqd",
                "--cacert",
                pem),
            List.of("imaps://" + host + ":" + cluster.port("imaps"), "--cacert", pem));
    int messages = 1;
    for (List<String> way : ways) {
      List<String> options = way.subList(1, way.size());
      String url = way.get(0);
      assertEquals(
          "* LIST (\\HasNoChildren) \"/\" \"INBOX\"",
          ForeignClient.curl(url + "/", options).strip());
      ForeignClient.curl(url + "/INBOX", options, "-T", file.toString());
      messages++;
      assertArrayEquals(mail, inbox().messages().get(messages - 1).octets());
      String fetched = ForeignClient.curl(url + "/INBOX;MAILINDEX=" + messages, options);
      assertEquals(new String(mail, StandardCharsets.UTF_8), fetched);
      assertEquals(
          "* SEARCH " + messages,
          ForeignClient.curl(url + "/INBOX", options, "-X", "SEARCH UID " + messages).strip());
    }
  }

  @Test
  void imaplibDoesItsTour() throws Exception {
    String said =
        ForeignClient.python(
            RealClientsTest.class, "imaplib_tour.py", cluster.node("huey"), "imap");
    assertEquals(
        """
        ('OK', [b'done'])
        [b'(\\\\HasNoChildren) "/" "INBOX"', b'(\\\\HasNoChildren) "/" "work"']
        OK
        ('OK', [b'1'])
        ('OK', [b'1'])
        (b'1 (FLAGS (\\\\Flagged) BODY[TEXT] {6}', b'body\\r\\n')
        OK
        ('OK', [b'1'])
        ('OK', [b'"work" (MESSAGES 0)'])
        OK BYE
        """,
        said);
  }

  private static byte[] randomText(int length) {
    Random random = new Random(7);
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] = (byte) (' ' + random.nextInt('~' - ' '));
    }
    return text;
  }

  private Mailbox inbox() {
    return cluster.mail().of("alice").inbox();
  }

  private Store connect() throws MessagingException {
    Properties properties = new Properties();
    properties.setProperty("mail.imap.timeout", "10000");
    Store store = Session.getInstance(properties).getStore("imap");
    store.connect(cluster.node("huey").address(), cluster.port("imap"), "alice", "sesame");
    return store;
  }

  private static MimeMessage message(String text) throws MessagingException {
    Session session = Session.getInstance(new Properties());
    return new MimeMessage(session, new ByteArrayInputStream(Messages.octets(text)));
  }
}
