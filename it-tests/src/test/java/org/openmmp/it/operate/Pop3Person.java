package org.openmmp.it.operate;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.openmmp.it.fixture.MailUser;

/** One POP3 session after the other; every octet of every answer is looked at. */
final class Pop3Person implements Runnable {
  private final Load load;
  private final MailUser user;
  private final int port;
  private final boolean tls;
  private final int looks;

  private Pop3Wire wire = new Pop3Wire(InputStream.nullInputStream());
  private OutputStream out = OutputStream.nullOutputStream();
  private boolean in;
  private boolean open;
  private boolean heardGoodbye;

  /**
   * Somebody who has a message already.
   *
   * @param looks how often it is fetched in a session; 0: there is one session, and nothing is
   */
  Pop3Person(Load load, MailUser user, int port, boolean tls, int looks) {
    this.load = load;
    this.user = user;
    this.port = port;
    this.tls = tls;
    this.looks = looks;
  }

  @Override
  public void run() {
    do {
      long begun = System.nanoTime();
      in = false;
      heardGoodbye = false;
      try (Socket socket = Load.connect(port, tls)) {
        out = socket.getOutputStream();
        wire = new Pop3Wire(new BufferedInputStream(socket.getInputStream()));
        session();
      } catch (BrokenAnswerException broken) {
        load.trouble(this + ": " + broken.getMessage());
      } catch (IOException | RuntimeException cut) {
        heardGoodbye = in && (heardGoodbye || open);
        load.crossed.incrementAndGet();
        if (!heardGoodbye) {
          load.trouble(this + (in ? " was cut: " : " cannot log in: ") + cut);
        }
      }
      if (in) {
        load.present.decrementAndGet();
      }
      if (heardGoodbye) {
        load.goodbye(user, begun);
      }
    } while (looks > 0 && !load.isOver());
  }

  private void session() throws IOException {
    String greeting = wire.answer();
    String known = greeting.startsWith("+OK") ? command("USER " + user.login()) : greeting;
    String answer = known.startsWith("+OK") ? command("PASS " + user.password()) : known;
    load.logins.incrementAndGet();
    if (!answer.startsWith("+OK")) {
      load.trouble(this + " cannot log in: " + answer);
      return;
    }
    in = true;
    load.present.incrementAndGet();
    boolean stays = isDone("STAT");
    for (int i = 0; stays && i < looks && !load.isOver(); i++) {
      stays = isDone("RETR 1");
      if (stays) {
        String got = new String(wire.message(), StandardCharsets.ISO_8859_1);
        if (!load.isWhole(got, user)) {
          load.trouble(this + ": the message is not as it was sent: " + got.length());
        }
        load.rest(2_000);
      }
    }
    if (stays && isDone("QUIT")) {
      wire.hasEnded();
    }
  }

  /** False after a goodbye. */
  private boolean isDone(String text) throws IOException {
    String answer = command(text);
    load.answers.incrementAndGet();
    if (answer.startsWith("+OK")) {
      return true;
    }
    heardGoodbye = wire.hasEnded();
    return false;
  }

  private String command(String text) throws IOException {
    open = true;
    try {
      out.write((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    } catch (IOException closed) {
      if (tls) {
        throw closed;
      }
      // What was said before can be read all the same.
    }
    String answer = wire.answer();
    open = false;
    return answer;
  }

  @Override
  public String toString() {
    return "POP3 " + user + (tls ? " under TLS" : "");
  }
}
