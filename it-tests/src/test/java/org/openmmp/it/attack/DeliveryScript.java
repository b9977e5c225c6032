package org.openmmp.it.attack;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A store that takes mail over LMTP, except for what a test has it do at some points. */
final class DeliveryScript implements ScriptedStore.Script {
  /** Before which reply something else may happen. */
  enum Point {
    GREETING,
    LHLO,
    STARTTLS,
    MAIL,
    RCPT,
    DATA,
    /** The first line of the message was read; nothing is due. */
    BODY,
    /** The message was read and delivered; nothing is due. */
    END_OF_DATA,
    FINAL_REPLY,
    RSET
  }

  /** What happens there; an exception ends the connection. */
  @FunctionalInterface
  interface Act {
    /**
     * What is said instead of what is due; empty for that.
     *
     * @param time how often the connection has been at this point, from 1 on
     */
    String at(StorePeer peer, int time) throws IOException;
  }

  /** A message that was read to its end, lines ending in LF, with those who had been accepted. */
  record Message(List<String> recipients, String text) {}

  private final Map<Point, Act> acts = new EnumMap<>(Point.class);
  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private @Nullable SSLContext tls;
  private String extensions = "PIPELINING\nENHANCEDSTATUSCODES\n8BITMIME\nSIZE";

  /** Does that, at that point of every connection. */
  DeliveryScript at(Point point, Act act) {
    acts.put(point, act);
    return this;
  }

  /** Says that instead of what is due. */
  DeliveryScript saying(Point point, String said) {
    return at(point, (peer, time) -> said);
  }

  /** Offers STARTTLS too, with this identity. */
  DeliveryScript secured(SSLContext with) {
    tls = with;
    return this;
  }

  /** Offers these, a line each. */
  DeliveryScript offering(String... lines) {
    extensions = String.join("\n", lines);
    return this;
  }

  /** The messages that were read to their end. */
  List<Message> messages() {
    return messages;
  }

  /** How often that recipient got a message. */
  int deliveriesTo(String recipient) {
    return (int) messages.stream().filter(each -> each.recipients().contains(recipient)).count();
  }

  /** Says nothing more until the program closes. */
  static String hang(StorePeer peer) throws IOException {
    peer.awaitClose();
    throw new EOFException("the program closed");
  }

  @Override
  public void play(StorePeer peer) throws IOException {
    Talk talk = new Talk(peer);
    talk.say(Point.GREETING, "220 store.test LMTP");
    String line = peer.line();
    while (line != null && talk.obeyed(line)) {
      line = peer.line();
    }
  }

  /** One connection. */
  private final class Talk {
    private final StorePeer peer;
    private final Map<Point, Integer> times = new EnumMap<>(Point.class);
    private final List<String> accepted = new ArrayList<>();
    private final StringBuilder chunks = new StringBuilder();
    private boolean secured;

    Talk(StorePeer peer) {
      this.peer = peer;
    }

    boolean obeyed(String line) throws IOException {
      switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
        case "LHLO" -> say(Point.LHLO, capabilities());
        case "STARTTLS" -> {
          String due = tls == null ? "502 5.5.1 Not offered" : "220 2.0.0 Begin";
          if (say(Point.STARTTLS, due).equals("220 2.0.0 Begin")) {
            peer.startTls(Objects.requireNonNull(tls));
            secured = true;
          }
        }
        case "MAIL" -> say(Point.MAIL, "250 2.1.0 Sender");
        case "RCPT" -> {
          String recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
          if (say(Point.RCPT, "250 2.1.5 Recipient").startsWith("2")) {
            accepted.add(recipient);
          }
        }
        case "DATA" -> {
          if (say(Point.DATA, "354 Go ahead").startsWith("354")) {
            readMessage();
          }
        }
        case "BDAT" -> readChunk(line.split(" ", -1));
        case "RSET" -> {
          forget();
          say(Point.RSET, "250 2.0.0 Forgotten");
        }
        case "XCLIENT" -> peer.say("220 store.test LMTP");
        case "QUIT" -> {
          peer.say("221 2.0.0 Bye");
          return false;
        }
        default -> peer.say("500 5.5.2 Unknown");
      }
      return true;
    }

    /** Says what is due or what a test wants; says nothing where nothing is due. */
    String say(Point point, String due) throws IOException {
      int time = times.merge(point, 1, Integer::sum);
      Act act = acts.get(point);
      String instead = act == null ? "" : act.at(peer, time);
      String said = instead.isEmpty() ? due : instead;
      if (!said.isEmpty()) {
        peer.say(said);
      }
      return said;
    }

    private String capabilities() {
      String lines = "store.test\n" + extensions + (tls == null || secured ? "" : "\nSTARTTLS");
      String all = "250-" + lines.replace("\n", "\r\n250-");
      int last = all.lastIndexOf("250-");
      return all.substring(0, last) + "250 " + all.substring(last + 4);
    }

    private void readMessage() throws IOException {
      StringBuilder text = new StringBuilder();
      String line = someLine(peer.line());
      say(Point.BODY, "");
      while (!line.equals(".")) {
        text.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
        line = someLine(peer.line());
      }
      deliver(text.toString());
    }

    private void readChunk(String[] words) throws IOException {
      chunks.append(peer.octets(Integer.parseInt(words[1])).replace("\r\n", "\n"));
      if (words.length > 2) {
        deliver(chunks.toString());
      } else {
        peer.say("250 2.0.0 Chunk");
      }
    }

    private void deliver(String text) throws IOException {
      messages.add(new Message(List.copyOf(accepted), text));
      say(Point.END_OF_DATA, "");
      for (String recipient : accepted) {
        say(Point.FINAL_REPLY, "250 2.0.0 <" + recipient + "> stored");
      }
      forget();
    }

    private void forget() {
      accepted.clear();
      chunks.setLength(0);
    }

    private String someLine(@Nullable String line) throws IOException {
      if (line == null) {
        throw new EOFException("the program closed within a message");
      }
      return Objects.requireNonNull(line);
    }
  }
}
