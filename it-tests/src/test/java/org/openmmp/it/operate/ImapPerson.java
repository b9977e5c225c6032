package org.openmmp.it.operate;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.operate.ImapWire.Said;

/**
 * One IMAP session after the other, each of which goes on until it hears goodbye. Every octet of
 * every answer is looked at.
 */
final class ImapPerson implements Runnable {
  /** What somebody does all day. */
  enum Habit {
    /** Waits for mail, and fetches it when it comes. */
    IDLING,
    /** Fetches a message again and again. */
    FETCHING,
    /** Files messages. */
    APPENDING,
    /** Logs in, looks, and leaves. */
    VISITING
  }

  private final Load load;
  private final MailUser user;
  private final int port;
  private final boolean tls;
  private final Habit habit;
  private final int size;

  private ImapWire wire = new ImapWire(InputStream.nullInputStream());
  private OutputStream out = OutputStream.nullOutputStream();
  private int commands;
  private int there;
  private boolean idling;
  private boolean heardGoodbye;

  /**
   * Somebody who has a message already.
   *
   * @param size of the messages that are filed
   */
  ImapPerson(Load load, MailUser user, int port, boolean tls, Habit habit, int size) {
    this.load = load;
    this.user = user;
    this.port = port;
    this.tls = tls;
    this.habit = habit;
    this.size = size;
  }

  @Override
  public void run() {
    do {
      session();
    } while (habit != Habit.VISITING && !load.isOver());
  }

  private void session() {
    long begun = System.nanoTime();
    boolean in = false;
    wire = new ImapWire(InputStream.nullInputStream());
    try (Socket socket = Load.connect(port, tls)) {
      out = socket.getOutputStream();
      wire = new ImapWire(new BufferedInputStream(socket.getInputStream()));
      heardGoodbye = false;
      in = logIn();
      if (in) {
        load.present.incrementAndGet();
        work();
      }
    } catch (BrokenAnswerException broken) {
      load.trouble(this + ": " + broken.getMessage());
    } catch (IOException | RuntimeException cut) {
      ended(in, cut);
    } finally {
      if (in) {
        load.present.decrementAndGet();
      }
    }
    if (heardGoodbye) {
      load.goodbye(user, begun);
    }
  }

  /** A goodbye may cross with a command; the connection may be reset then, when it is closed. */
  private void ended(boolean in, Exception cut) {
    if (in && (heardGoodbye || (wire.isOpen() && !wire.isAnswering()))) {
      heardGoodbye = true;
      load.crossed.incrementAndGet();
    } else {
      load.trouble(this + (in ? " was cut: " : " cannot log in: ") + cut);
    }
  }

  private boolean logIn() throws IOException {
    Said greeting = wire.next();
    if (greeting == null || !greeting.text().startsWith("* OK ")) {
      load.trouble(this + " is greeted by " + greeting);
      return false;
    }
    String answer = command("LOGIN " + user.login() + " " + user.password());
    load.logins.incrementAndGet();
    if (!answer.startsWith("OK ")) {
      load.trouble(this + " cannot log in: " + answer);
      return false;
    }
    return true;
  }

  private void work() throws IOException {
    if (!command("SELECT INBOX").isEmpty()) {
      switch (habit) {
        case IDLING -> idle();
        case FETCHING -> {
          while (!load.isOver() && fetch(1)) {
            load.rest(1_000 + size % 2_000);
          }
        }
        case APPENDING -> {
          while (!load.isOver() && append()) {
            load.rest(3_000 + size % 2_000);
          }
        }
        case VISITING -> {
          // leaves
        }
      }
    }
    if (!heardGoodbye) {
      command("LOGOUT");
      heardGoodbye = wire.isOpen();
      while (wire.next() != null) {
        // the end of the answer
      }
    }
  }

  /** The end of its answer, without the tag; empty if there was a goodbye in its place. */
  private String command(String text) throws IOException {
    String tag = begin(text);
    return answer(tag, text.equals("LOGOUT"));
  }

  private String answer(String tag, boolean leaving) throws IOException {
    for (Said said = next(); said != null; said = next()) {
      if (said.text().startsWith(tag + " ")) {
        load.answers.incrementAndGet();
        return said.text().substring(tag.length() + 1);
      }
      if (said.isGoodbye() && !leaving) {
        return goodbye();
      }
    }
    return "";
  }

  private @Nullable Said next() throws IOException {
    Said said = wire.next();
    if (said != null && said.text().endsWith(" EXISTS")) {
      there = Integer.parseInt(said.text().substring(2, said.text().indexOf(' ', 2)));
    }
    return said;
  }

  private String goodbye() throws IOException {
    heardGoodbye = true;
    wire.next(); // nothing may be there
    return "";
  }

  private String begin(String text) throws IOException {
    String tag = "t" + ++commands;
    wire.begins(tag + " " + text.lines().findFirst().orElse(""));
    send(tag + " " + text + "\r\n");
    return tag;
  }

  /** If the server has closed, what it said before can be read all the same. */
  private synchronized void send(String octets) throws IOException {
    try {
      out.write(octets.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    } catch (IOException closed) {
      if (tls) {
        throw closed;
      }
    }
  }

  /** Fetches a message and looks at every octet; false after a goodbye. */
  private boolean fetch(int number) throws IOException {
    String tag = begin("FETCH " + number + " BODY.PEEK[]");
    String got = "";
    for (Said said = next(); said != null; said = next()) {
      if (said.isGoodbye()) {
        goodbye();
        return false;
      }
      if (said.text().startsWith("* " + number + " FETCH (BODY[] {")) {
        got = new String(said.literals().get(0), StandardCharsets.ISO_8859_1);
      }
      if (said.text().startsWith(tag + " ")) {
        break;
      }
    }
    load.answers.incrementAndGet();
    if (!load.isWhole(got, user)) {
      load.trouble(this + ": message " + number + " is not as it was sent: " + got.length());
    }
    return true;
  }

  private boolean append() throws IOException {
    String mail = load.newMail(size, List.of(user));
    boolean at = commands % 2 == 0;
    String text = "APPEND INBOX {" + mail.length() + (at ? "+}\r\n" + mail : "}");
    String tag = begin(text);
    String answer;
    if (at) {
      answer = answer(tag, false);
    } else {
      Said said = next();
      while (said != null && !said.text().startsWith("+ ")) {
        if (said.isGoodbye()) {
          goodbye();
          return false;
        }
        said = next();
      }
      send(mail + "\r\n");
      answer = answer(tag, false);
    }
    if (answer.startsWith("OK ")) {
      load.taken(mail, user);
    } else if (!answer.isEmpty() && !answer.contains("[READ-ONLY]")) {
      load.trouble(this + " cannot append: " + answer);
    }
    return !answer.isEmpty();
  }

  private void idle() throws IOException {
    int known = there;
    while (beginIdling()) {
      String tag = "t" + commands;
      for (Said said = next(); said != null; said = next()) {
        if (said.isGoodbye()) {
          goodbye();
          return;
        }
        if (there > known) {
          wake();
        }
        if (said.text().startsWith(tag + " ")) {
          break;
        }
      }
      load.answers.incrementAndGet();
      while (known < there) {
        known++;
        if (!fetch(known)) {
          return;
        }
      }
    }
  }

  private synchronized boolean beginIdling() throws IOException {
    if (load.isOver()) {
      return false;
    }
    begin("IDLE");
    idling = true;
    return true;
  }

  /** Ends the waiting, if there is any. */
  synchronized void wake() throws IOException {
    if (idling) {
      idling = false;
      send("DONE\r\n");
    }
  }

  @Override
  public String toString() {
    return habit + " " + user + (tls ? " under TLS" : "");
  }
}
