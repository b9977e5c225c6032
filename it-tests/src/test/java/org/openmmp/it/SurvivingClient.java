package org.openmmp.it;

import static org.openmmp.it.MailboxModel.truth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;

/**
 * Somebody with a session at the front end that lives on, whose model of the mailbox is compared
 * with what is there, and with a second session, behind the front end, that changes the mailbox.
 */
final class SurvivingClient implements AutoCloseable {
  /** What the session does when its store ends. */
  enum Posture {
    IDLE,
    QUIET,
    LOGGED_IN,
    ASKING
  }

  /** The connection has ended, with or without words. */
  private static final class EndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EndedException(Throwable cause) {
      super(cause);
    }
  }

  private static final int MOST_TRIES = 20;

  private final MailUser user;
  private final Endpoint frontEnd;
  private ImapConnection other;
  private final Random random;
  private final MailboxModel model = new MailboxModel();
  private final Map<String, Integer> goodbyes;
  private ImapConnection connection;
  private Posture posture = Posture.LOGGED_IN;
  private boolean selected;
  private boolean open;
  private boolean qresync;
  private String tag = "";
  private int tags;
  private int mails;

  /**
   * Fills the mailbox and logs in.
   *
   * @param behind where the second session is, at a store that does not end
   * @param goodbyes how often which words ended a session
   */
  SurvivingClient(
      MailUser user, Endpoint frontEnd, Endpoint behind, long seed, Map<String, Integer> goodbyes) {
    this.user = user;
    this.frontEnd = frontEnd;
    this.random = new Random(seed);
    this.goodbyes = goodbyes;
    other = otherAt(behind);
    for (int i = 0; i < 6; i++) {
      append();
    }
    // Dovecot tells how new a mailbox is once somebody wanted to know.
    other("SELECT INBOX (CONDSTORE)");
    connection = logIn();
  }

  private ImapConnection otherAt(Endpoint store) {
    ImapConnection fresh = new ImapConnection(store);
    for (String command : List.of("LOGIN " + user.name() + " " + user.password(), "SELECT INBOX")) {
      ImapConnection.Response response = fresh.command(command);
      if (!response.isOk()) {
        throw new AssertionError(user + ": " + command + ": " + response);
      }
    }
    return fresh;
  }

  /** The second session is at that store from now on. */
  void othersWorkAt(Endpoint store) {
    other.close();
    other = otherAt(store);
  }

  MailUser user() {
    return user;
  }

  boolean isOpen() {
    return open;
  }

  /** Whether it has a mailbox open and nothing under way, or soon. */
  boolean isQuiet() {
    return posture == Posture.QUIET || posture == Posture.ASKING;
  }

  /** What was wrong until now, empty if nothing. */
  String wrong() {
    return model.wrong().isEmpty() ? "" : user + ": " + model.wrong();
  }

  private ImapConnection logIn() {
    model.begin();
    ImapConnection fresh = new ImapConnection(frontEnd);
    for (int tries = 1; !fresh.login(user).isOk(); tries++) { // its stores may be coming up
      if (tries == MOST_TRIES) {
        throw new AssertionError("no login for " + user);
      }
      fresh.close();
      fresh = new ImapConnection(frontEnd);
    }
    open = true;
    selected = false;
    tag = "";
    qresync = false;
    posture = Posture.LOGGED_IN;
    return fresh;
  }

  /** It is somewhere in its work, and then its store ends. */
  void prepare() {
    if (!open) {
      connection = logIn();
    }
    try {
      if (!selected || random.nextInt(12) == 0) {
        if (!qresync && random.nextInt(8) == 0) {
          qresync = true;
          command("ENABLE QRESYNC");
          model.hearsVanished();
        } else if (selected && random.nextInt(3) == 0) {
          command("UNSELECT");
          selected = false;
          posture = Posture.LOGGED_IN;
          return;
        }
        select();
      }
      int choice = random.nextInt(20);
      posture = choice < 12 ? Posture.IDLE : choice < 19 ? Posture.QUIET : Posture.ASKING;
      if (posture == Posture.IDLE) {
        idle();
      }
    } catch (EndedException ended) {
      end();
    }
  }

  /** It sends something without waiting for what comes. */
  void ask() {
    if (open && posture == Posture.ASKING) {
      try {
        tag = begin(random.nextBoolean() ? "NOOP" : "UID FETCH 1:* (UID FLAGS RFC822.SIZE)");
      } catch (EndedException ended) {
        end();
      }
    }
  }

  private void select() {
    model.selects();
    command((random.nextInt(5) == 0 ? "EXAMINE" : "SELECT") + " INBOX");
    model.selected();
    selected = true;
    lookAtNew();
  }

  private void idle() {
    tag = begin("IDLE");
    String line = line();
    while (!line.startsWith("+")) {
      model.hear(line, true);
      line = line();
    }
    model.note("S: " + line);
  }

  /** One of the things that others do to a mailbox. */
  void change() {
    List<Long> uids = uids();
    int choice = random.nextInt(10);
    if (uids.size() < 3 || (choice < 3 && uids.size() < 20)) {
      append();
      return;
    }
    long uid = uids.get(random.nextInt(uids.size()));
    if (choice < 7) {
      String flag = List.of("\\Seen", "\\Flagged", "\\Answered", "$k1").get(random.nextInt(4));
      other("UID STORE " + uid + (random.nextInt(3) > 0 ? " +" : " -") + "FLAGS (" + flag + ")");
    } else {
      other("UID STORE " + uid + " +FLAGS (\\Deleted)");
      other("UID EXPUNGE " + uid);
    }
  }

  private List<Long> uids() {
    String found =
        other("UID SEARCH ALL").untagged().stream()
            .filter(line -> line.startsWith("* SEARCH"))
            .findFirst()
            .orElse("");
    List<Long> uids = new ArrayList<>();
    for (String each : found.substring(Math.min(found.length(), 8)).trim().split(" ", -1)) {
      if (!each.isEmpty()) {
        uids.add(Long.valueOf(each));
      }
    }
    return uids;
  }

  private void append() {
    String mail = "Subject: " + ++mails + "\r\n\r\n" + "x".repeat(mails) + "\r\n";
    other("APPEND INBOX {" + mail.length() + "+}\r\n" + mail);
  }

  private ImapConnection.Response other(String command) {
    ImapConnection.Response response = other.command(command);
    if (!response.isOk()) {
      throw new AssertionError(user + ": " + command + ": " + response);
    }
    return response;
  }

  /** What it believes is what is there. */
  void compare() {
    if (!open) {
      return;
    }
    try {
      hearWhatCameUnasked();
      if (posture == Posture.IDLE) {
        send("DONE");
      }
      if (!tag.isEmpty()) {
        end(tag, true);
        tag = "";
      }
      command("NOOP");
      if (selected) {
        lookAtNew();
        List<String> believed = model.believes();
        other("NOOP");
        List<String> there = truth(other("UID FETCH 1:* (UID FLAGS)").untagged());
        if (!believed.equals(there)) {
          model.complain("believes " + believed + "\nbut there are " + there);
        }
        if (model.count() > 0) {
          List<String> told = truth(command("UID FETCH 1:* (UID FLAGS RFC822.SIZE)"));
          if (!believed.equals(told)) {
            model.complain("believes " + believed + "\nbut is told " + told);
          }
        }
      }
      posture = selected ? Posture.QUIET : Posture.LOGGED_IN;
    } catch (EndedException ended) {
      end();
    }
  }

  private void end() {
    open = false;
    connection.close();
  }

  /** Words that came while no command was under way. */
  private void hearWhatCameUnasked() {
    try {
      while (tag.isEmpty() && connection.input().available() > 0) {
        model.hear(line(), false);
      }
    } catch (IOException e) {
      throw new EndedException(e);
    }
  }

  private void lookAtNew() {
    int first = model.firstUnknown();
    if (first > 0) {
      command("FETCH " + first + ":" + model.count() + " (UID FLAGS RFC822.SIZE)");
    }
  }

  private List<String> command(String command) {
    hearWhatCameUnasked();
    return end(begin(command), !command.startsWith("FETCH"));
  }

  private String begin(String command) {
    String own = "c" + ++tags;
    send(own + " " + command);
    return own;
  }

  private void send(String line) {
    model.note("C: " + line);
    try {
      connection.send(line + "\r\n");
    } catch (UncheckedIOException e) {
      throw new EndedException(e);
    }
  }

  private List<String> end(String own, boolean mayShrink) {
    List<String> untagged = new ArrayList<>();
    String line = line();
    while (!line.startsWith(own + " ")) {
      untagged.add(line);
      model.hear(line, mayShrink);
      line = line();
    }
    model.note("S: " + line);
    if (!line.startsWith(own + " OK")) {
      model.complain("refused");
    }
    return untagged;
  }

  private String line() {
    String line;
    try {
      line = connection.line();
    } catch (AssertionError | UncheckedIOException e) {
      if (e.getCause() instanceof java.net.SocketTimeoutException) {
        model.complain("nothing was said for a long time");
      }
      count("closed without words");
      throw new EndedException(e);
    }
    if (line.startsWith("* BYE")) {
      model.note("S: " + line);
      count(line.replaceAll(" \\(ref .*", ""));
      throw new EndedException(new IOException(line));
    }
    return line;
  }

  private void count(String words) {
    synchronized (goodbyes) {
      goodbyes.merge(words, 1, Integer::sum);
    }
  }

  @Override
  public void close() {
    connection.close();
    other.close();
  }
}
