package org.openmmp.it.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.admin.RequestOctets;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.config.ImapConfig;
import org.openmmp.config.ListenConfig;
import org.openmmp.config.Pop3Config;
import org.openmmp.config.PreAuthConfig;
import org.openmmp.config.imported.Migration;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.lmtp.protocol.EndOfDataScanner;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.Extension;
import org.openmmp.lmtp.protocol.Extensions;
import org.openmmp.lmtp.protocol.LmtpCommand;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.protocol.LmtpReplyReader;
import org.openmmp.lmtp.protocol.OctetSink;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.protocol.XclientCommand;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.imap.ImapCapabilities;
import org.openmmp.proxy.imap.ImapProtocol;
import org.openmmp.proxy.pop3.Pop3Capabilities;
import org.openmmp.proxy.pop3.Pop3Protocol;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;
import org.openmmp.routing.StoreStep;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.transport.HeaderOctets;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.ResponseCode;
import org.openmmp.wire.SaslBearer;
import org.openmmp.wire.SaslMessage;
import org.openmmp.wire.SaslScram;
import org.openmmp.wire.Secret;
import org.openmmp.wire.StrictBase64;

/** A reader of octets from outside, and what holds whatever they are. */
enum FuzzTarget {
  /** What a client of IMAP sends before its login. */
  IMAP_CLIENT {
    @Override
    void check(byte[] octets) {
      sameAtEverySplit(octets, pieces -> client(imap(), pieces));
    }
  },
  /** The same of POP3. */
  POP3_CLIENT {
    @Override
    void check(byte[] octets) {
      sameAtEverySplit(octets, pieces -> client(pop3(), pieces));
    }
  },
  /** What a store of IMAP sends up to its answer to a login. */
  IMAP_STORE {
    @Override
    void check(byte[] octets) {
      cuts(octets).forEach(pieces -> store(imap(), pieces));
    }
  },
  /** The same of POP3. */
  POP3_STORE {
    @Override
    void check(byte[] octets) {
      cuts(octets).forEach(pieces -> store(pop3(), pieces));
    }
  },
  /** What an MTA sends, and what a store replies. */
  LMTP {
    @Override
    void check(byte[] octets) {
      sameAtEverySplit(octets, FuzzTarget::replies);
      sameAtEverySplit(octets, FuzzTarget::message);
      for (String line : new String(octets, UTF_8).split("\r\n", -1)) {
        envelope(line);
      }
    }
  },
  /** Base64 and the messages of every mechanism in it. */
  SASL {
    @Override
    void check(byte[] octets) {
      byte[] decoded = StrictBase64.decode(octets.clone());
      if (decoded != null) {
        assertEquals(
            new String(octets, ISO_8859_1), new String(StrictBase64.encode(decoded), ISO_8859_1));
      }
      for (byte[] message : decoded == null ? List.of(octets) : List.of(octets, decoded)) {
        sasl(message);
      }
    }
  },
  /** The PROXY header of a load balancer. */
  PROXY_HEADER {
    @Override
    void check(byte[] octets) {
      sameAtEverySplit(octets, HeaderOctets::read);
    }
  },
  /** Response codes and URLs that refer. */
  REFERRAL {
    @Override
    void check(byte[] octets) {
      String text = new String(octets, ISO_8859_1);
      safe(Referral.ofUrl(text, true));
      for (ResponseCode code : ResponseCode.split(text).codes()) {
        if (Referral.isIn(code)) {
          safe(Referral.ofCode(code));
        }
      }
    }
  },
  /** Texts of other products' configurations. */
  RECIPE {
    @Override
    void check(byte[] octets) {
      String text = new String(octets, UTF_8);
      for (String product : Migration.products()) {
        Migration read = Migration.of(product, Map.of("file", text));
        assertEquals(read.hocon("file"), Migration.of(product, Map.of("file", text)).hocon("file"));
        assertTrue(read.leftOut().size() <= octets.length + 100, "bounded");
      }
    }
  },
  /** The answer of a name server. */
  DNS_ANSWER {
    @Override
    void check(byte[] octets) {
      InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
      EmbeddedChannel channel = new EmbeddedChannel(new DatagramDnsResponseDecoder());
      try {
        channel.writeInbound(new DatagramPacket(Unpooled.copiedBuffer(octets), server, server));
        ReferenceCountUtil.release(channel.readInbound());
      } catch (DecoderException | IndexOutOfBoundsException corrupt) {
        return;
      } finally {
        channel.finishAndReleaseAll();
      }
    }
  },
  /** A request at the admin listener. */
  HTTP {
    @Override
    void check(byte[] octets) {
      sameAtEverySplit(octets, RequestOctets::read);
    }
  };

  /** The longest input, below every limit whose reach depends on how much comes at once. */
  static final int MOST_OCTETS = 1_500;

  /** A password: it goes to no client, and to a store under TLS alone. */
  static final String PASSWORD = "Passw0rd-7Qx";

  private static final int MOST_LINE = 2_000;
  private static final int MOST_PIPELINED = 8_000;
  private static final Extensions EVERY_EXTENSION =
      Extensions.of(EnumSet.allOf(Extension.class)).withXclient(List.of("ADDR", "NAME"));
  private static final ClientFacts UNDER_TLS =
      new ClientFacts("s1", "192.0.2.7", 40000, "192.0.2.1", 143, false, "", false, 4)
          .underTls(CertificateIdentity.NOBODY);
  private static final ReferralPattern OWN_FORM = new ReferralPattern(ReferralPattern.OWN_FORM);

  /** What octets are read as; whole or in pieces. */
  @FunctionalInterface
  interface Reader {
    String read(List<byte[]> pieces);
  }

  /** Fails if anything does not hold. */
  abstract void check(byte[] octets);

  static void sameAtEverySplit(byte[] octets, Reader reader) {
    List<List<byte[]>> cuts = cuts(octets);
    String whole = reader.read(cuts.get(0));
    for (List<byte[]> pieces : cuts) {
      assertEquals(whole, reader.read(pieces), () -> "in " + pieces.size() + " pieces");
    }
  }

  /** Whole, octet by octet, and in two at places that the octets choose. */
  static List<List<byte[]>> cuts(byte[] octets) {
    List<List<byte[]>> cuts = new ArrayList<>();
    cuts.add(List.of(octets));
    List<byte[]> single = new ArrayList<>();
    for (byte octet : octets) {
      single.add(new byte[] {octet});
    }
    cuts.add(single);
    for (int i = 1; i < 4 && octets.length > 1; i++) {
      int at = 1 + Math.floorMod(Arrays.hashCode(octets) * i, octets.length - 1);
      cuts.add(List.of(Arrays.copyOf(octets, at), Arrays.copyOfRange(octets, at, octets.length)));
    }
    return cuts;
  }

  // ---- logins

  private static PreAuthConfig preAuth() {
    return new PreAuthConfig(
        List.of(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.OAUTHBEARER, Mechanism.XOAUTH2),
        List.of(),
        NetworkSet.NONE,
        MOST_LINE,
        MOST_PIPELINED,
        5,
        5);
  }

  private static ListenConfig listen() {
    return new ListenConfig(
        List.of(),
        List.of(),
        true,
        ClearTextPasswords.NEVER,
        Duration.ofMinutes(1),
        Duration.ofMinutes(30));
  }

  private static Protocol imap() {
    return new ImapProtocol(
        "mail.example.com",
        new ImapConfig(listen(), preAuth(), "", 1_000),
        ImapCapabilities.configured(List.of("IMAP4rev1")));
  }

  private static Protocol pop3() {
    return new Pop3Protocol(
        "mail.example.com",
        new Pop3Config(listen(), preAuth()),
        Pop3Capabilities.configured(List.of("UIDL")));
  }

  /** Every login is refused; nothing is said after the end, and no password is sent back. */
  private static String client(Protocol protocol, List<byte[]> pieces) {
    ClientDialogue dialogue = protocol.withClient(UNDER_TLS);
    StringBuilder all = new StringBuilder();
    StringBuilder sent = new StringBuilder();
    StringBuilder said = new StringBuilder();
    boolean loggedIn = false;
    boolean closed = false;
    for (byte[] piece : pieces) {
      all.append(new String(piece, ISO_8859_1));
      List<SessionStep> steps = closed ? List.of() : dialogue.onBytes(piece.clone());
      while (!steps.isEmpty()) {
        boolean again = false;
        for (SessionStep step : steps) {
          if (step instanceof SessionStep.Write write) {
            said.append(new String(write.octets(), ISO_8859_1));
          } else if (step instanceof SessionStep.LogIn login) {
            Credentials by = login.credentials();
            loggedIn |= new String(by.secret().copy(), ISO_8859_1).contains(PASSWORD);
            sent.append(by.mechanism() + by.authcid() + '|' + by.authzid() + by.secret().length());
            again = true;
          } else if (step instanceof SessionStep.Close) {
            closed = true;
          }
        }
        steps = again ? dialogue.refuse(LoginFailure.BAD_CREDENTIALS, null) : List.of();
      }
      assertTrue(dialogue.buffered() <= MOST_PIPELINED + MOST_LINE, "bounded");
    }
    boolean once = all.indexOf(PASSWORD) == all.lastIndexOf(PASSWORD);
    assertFalse(loggedIn && once && said.indexOf(PASSWORD) >= 0, "a password is sent back");
    return said + "\n" + sent + closed;
  }

  /** One answer, bounded, and no password before TLS. */
  private static void store(Protocol protocol, List<byte[]> pieces) {
    Secret secret = Secret.taking(PASSWORD.getBytes(ISO_8859_1));
    StoreDialogue dialogue =
        protocol.withStore(
            new StoreLogin(
                new StoreHost("store.example.com"),
                new Credentials(Mechanism.COMMAND, "alice", "", secret),
                "alice",
                TlsPolicy.STARTTLS,
                "",
                Secret.none(),
                "",
                UNDER_TLS,
                false,
                Survival.OFF));
    int answers = 0;
    boolean secure = false;
    for (byte[] piece : pieces) {
      List<StoreStep> steps = dialogue.onBytes(piece.clone());
      while (!steps.isEmpty()) {
        boolean begins = false;
        for (StoreStep step : steps) {
          if (step instanceof StoreStep.Send send) {
            String text = new String(send.octets(), ISO_8859_1);
            assertTrue(secure || !text.contains(PASSWORD), "a password before TLS");
            assertTrue(send.octets().length < 100_000, "bounded");
          } else if (step == StoreStep.Simple.START_TLS) {
            begins = true;
          } else if (step instanceof StoreDialogue.Answered) {
            answers++;
          }
        }
        secure |= begins;
        steps = begins ? dialogue.onTls() : List.of();
      }
    }
    assertTrue(answers <= 1, "one answer");
    dialogue.leftOver();
    assertEquals(0, dialogue.leftOver().length, "the rest is given once");
  }

  // ---- LMTP

  private static String replies(List<byte[]> pieces) {
    LmtpReplyReader reader = new LmtpReplyReader();
    StringBuilder read = new StringBuilder();
    for (byte[] piece : pieces) {
      reader.add(piece.clone());
      for (LmtpReply reply = reader.next(); reply != null; reply = reader.next()) {
        read.append(reply).append('\n');
        OWN_FORM.in(reply);
        if (ReferralPattern.refersRecipient(reply)) {
          ReferralPattern.ofRecipient(reply);
        }
      }
    }
    return read.toString() + reader.violation();
  }

  private static String message(List<byte[]> pieces) {
    EndOfDataScanner scanner = new EndOfDataScanner();
    StringBuilder message = new StringBuilder();
    int taken = 0;
    OctetSink sink =
        (octets, from, to) -> message.append(ISO_8859_1.decode(octets.slice(from, to - from)));
    for (byte[] piece : pieces) {
      if (!scanner.ended()) {
        taken += scanner.scan(ByteBuffer.wrap(piece), 0, piece.length, sink);
      }
    }
    return taken + " " + scanner.ended() + " " + message;
  }

  private static void envelope(String line) {
    LmtpCommand command = LmtpCommand.of(line.getBytes(UTF_8));
    EnvelopeCommand mail = EnvelopeCommand.mail(command.argument(), EVERY_EXTENSION).value();
    if (mail != null) {
      assertEquals(
          mail, EnvelopeCommand.mail(sent(mail.line(EVERY_EXTENSION)), EVERY_EXTENSION).value());
    }
    EnvelopeCommand rcpt = EnvelopeCommand.rcpt(command.argument(), EVERY_EXTENSION).value();
    if (rcpt != null) {
      assertEquals(
          rcpt, EnvelopeCommand.rcpt(sent(rcpt.line(EVERY_EXTENSION)), EVERY_EXTENSION).value());
    }
    XclientCommand.parse(command.argument());
  }

  /** A command that was made here is one line. */
  private static String sent(String line) {
    assertTrue(line.codePoints().allMatch(c -> c >= ' ' && c != 0x7f), line);
    return LmtpCommand.of(line.getBytes(UTF_8)).argument();
  }

  // ---- single texts

  private static void sasl(byte[] message) {
    SaslMessage plain = SaslMessage.parsePlain(message.clone());
    if (plain != null) {
      byte[] again = SaslMessage.plain(plain.authzid(), plain.authcid(), plain.secret());
      byte[] octets = StrictBase64.decode(again);
      SaslMessage read = SaslMessage.parsePlain(octets == null ? again : octets);
      assertTrue(read != null && read.authcid().equals(plain.authcid()), "the same at the store");
      assertTrue(plain.authcid().indexOf('\0') < 0, "no NUL in a name");
    }
    SaslBearer.parseOAuthBearer(message.clone());
    SaslBearer.parseXOAuth2(message.clone());
    SaslScram.parse(message.clone());
  }

  /** A referral leads to a host that can stand in a log and in a command. */
  private static void safe(@Nullable Referral referral) {
    if (referral != null) {
      assertTrue(referral.port() >= 0 && referral.port() <= 65_535, referral::toString);
      assertTrue(referral.host().chars().allMatch(c -> c > ' ' && c < 0x7f), referral::toString);
      assertTrue(
          referral.user().chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0),
          referral::toString);
    }
  }
}
