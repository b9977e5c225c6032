package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.MoveStep.Line;
import org.openmmp.proxy.session.SessionMove;
import org.openmmp.proxy.session.Stranded;
import org.openmmp.wire.LineFramer;

/**
 * The move of one IMAP session (rule B9.3): it leaves its store, if that lives; another one {@link
 * ImapProof proves} that what the client knows has become what is there; then the client hears the
 * difference, when it may, and goes on.
 *
 * <pre>
 * LEAVING_IDLE? → PROVING → WAITING? → ENDED
 * PROVING → PROVING at another store, where the new one is lost, or cannot serve for now, and the old one is gone
 * LEAVING_IDLE, PROVING → BACK_IN_IDLE? → ENDED, where it cannot leave
 * </pre>
 */
final class ImapMove implements SessionMove {
  private static final int MOST_OF_OLD = 64 * 1024;

  /** More than is read at once, twice: what is not read until it is wanted never comes to that. */
  private static final int MOST_OF_CLIENT = 256 * 1024;

  private static final int LONGEST_COMMAND = 8 * 1024;
  private static final byte[] LOGOUT = "M0 LOGOUT\r\n".getBytes(ISO_8859_1);

  private enum Stage {
    NEW,
    LEAVING_IDLE,
    PROVING,
    /** The client is quiet, and may hear what was expunged only with its next command. */
    WAITING,
    /** The session goes back into IDLE at the store that it was at. */
    BACK_IN_IDLE,
    ENDED
  }

  private final ImapObserver session;
  private final Set<String> offered;
  private final boolean planned;
  private final @Nullable String tag;
  private final boolean inIdle;
  private final LineFramer old = new LineFramer(MOST_OF_OLD, LineFramer.LineEnd.CRLF_OR_LF);
  private final ByteArrayOutputStream fromClient = new ByteArrayOutputStream(0);
  private final List<MoveStep> steps = new ArrayList<>();
  private Stage stage = Stage.NEW;
  private boolean oldIsGone;
  private long oldLiteral;
  private @Nullable Stranded staysBecause;
  private @Nullable ImapProof proof;

  /** Whether a store that the client has left in waiting was asked whether it is still there. */
  private boolean asked;

  ImapMove(ImapObserver session, Set<String> offered, boolean planned) {
    this.session = session;
    this.offered = offered;
    this.planned = planned;
    this.tag = session.openTag();
    this.inIdle = session.inIdle();
    this.oldIsGone = !planned;
  }

  @Override
  public List<MoveStep> begin() {
    boolean busy = session.isAsking() || (tag != null && (!inIdle || session.awaitsIdling()));
    if (planned && busy) {
      return fail(Stranded.COMMAND_OPEN);
    }
    if (planned && tag != null) {
      stage = Stage.LEAVING_IDLE;
      send("DONE\r\n");
    } else {
      prove(0);
    }
    return taken();
  }

  private List<MoveStep> taken() {
    List<MoveStep> taken = List.copyOf(steps);
    steps.clear();
    return taken;
  }

  private void prove(int tags) {
    stage = Stage.PROVING;
    asked = false;
    proof =
        new ImapProof(
            session.dialect(),
            session.key(),
            session.selected(),
            inIdle ? tag : null,
            offered,
            steps,
            tags);
  }

  private void send(String text) {
    steps.add(new MoveStep.Send(Line.OLD, text.getBytes(ISO_8859_1)));
  }

  private List<MoveStep> fail(Stranded why) {
    giveUp(why);
    return taken();
  }

  /** It comes to nothing: the session stays where it is if its old store lives, or ends. */
  private void giveUp(Stranded why) {
    if (stage == Stage.ENDED) {
      return;
    }
    if (oldIsGone || stage == Stage.BACK_IN_IDLE) {
      stage = Stage.ENDED;
      steps.add(new MoveStep.Bye(why));
      return;
    }
    boolean begun = stage != Stage.NEW;
    staysBecause = why;
    if (proof != null) {
      proof.leave();
    }
    if (tag != null && begun) {
      stage = Stage.BACK_IN_IDLE;
      send(tag + " IDLE\r\n");
    } else {
      stay();
    }
  }

  private void stay() {
    stage = Stage.ENDED;
    session.stays();
    steps.add(new MoveStep.GoOn(Line.OLD, new byte[0], fromClient.toByteArray(), old.rest()));
  }

  private void leaveOld() {
    if (!oldIsGone) {
      oldIsGone = true;
      steps.add(new MoveStep.Leave(Line.OLD, lastWords()));
    }
  }

  private byte[] lastWords() {
    return proof == null ? LOGOUT.clone() : proof.lastWords();
  }

  @Override
  public List<MoveStep> lost(Line line) {
    if (line == Line.OLD) {
      if (stage == Stage.BACK_IN_IDLE) {
        return fail(Stranded.STORE_LOST);
      }
      oldIsGone = true;
      if (stage == Stage.LEAVING_IDLE) {
        leftIdle();
      }
    } else if (proof != null) {
      proof.lost(line);
      judge(proof);
    }
    return taken();
  }

  /** What has become of the proof. */
  private void judge(ImapProof present) {
    if (stage != Stage.PROVING && stage != Stage.WAITING) {
      return;
    }
    Stranded why = present.failure();
    if (why != null && oldIsGone && present.mayGoElsewhere()) {
      present.leave();
      prove(present.tags());
    } else if (why != null) {
      giveUp(why);
    } else if (present.isProven() && stage == Stage.PROVING) {
      proven(present);
    }
  }

  @Override
  public List<MoveStep> clientSent(byte[] octets) {
    fromClient.writeBytes(octets);
    if (fromClient.size() > MOST_OF_CLIENT) {
      return fail(Stranded.TOO_LARGE);
    }
    if (stage == Stage.WAITING && proof != null) {
      goOnIfToldNow(proof);
    }
    return taken();
  }

  @Override
  public boolean waiting() {
    return stage == Stage.WAITING;
  }

  @Override
  public @Nullable Stranded staysBecause() {
    return staysBecause;
  }

  @Override
  public List<MoveStep> loggedIn(Line line, String capabilities, byte[] leftOver) {
    if (proof != null && stage == Stage.PROVING) {
      proof.loggedIn(line, capabilities, leftOver);
      judge(proof);
    }
    return taken();
  }

  @Override
  public List<MoveStep> received(Line line, byte[] octets) {
    if (stage == Stage.ENDED) {
      return taken();
    }
    if (line == Line.OLD) {
      old.add(octets);
      hearOld();
      if (old.buffered() > MOST_OF_OLD) {
        leaveOld(); // more than it can have to say to a client that has asked for nothing
      }
    } else if (proof != null) {
      proof.received(line, octets);
      judge(proof);
    }
    return taken();
  }

  /** What the old store still says while the session leaves its IDLE is for the client. */
  private void hearOld() {
    while (stage == Stage.LEAVING_IDLE || stage == Stage.BACK_IN_IDLE) {
      byte[] line;
      if (oldLiteral > 0) {
        int count = (int) Math.min(oldLiteral, old.buffered());
        byte[] part = count == 0 ? null : old.octets(count);
        if (part == null) {
          return;
        }
        oldLiteral -= count;
        pass(part);
        continue;
      }
      line = old.line();
      if (line == null) {
        if (old.tooLong()) {
          oldIsGone = true;
          giveUp(Stranded.NOT_UNDERSTOOD);
        }
        return;
      }
      String text = new String(line, ISO_8859_1);
      if (session.storeIsBetweenLines() && text.startsWith(tag + " ")) {
        if (stage == Stage.BACK_IN_IDLE) {
          giveUp(Stranded.REFUSED);
        } else {
          leftIdle();
        }
      } else if (session.storeIsBetweenLines() && text.startsWith("+")) {
        if (stage == Stage.BACK_IN_IDLE) {
          stay();
        }
      } else {
        pass((text + "\r\n").getBytes(ISO_8859_1));
        oldLiteral = session.store().literalLeft();
        if (session.storeLeaves() || oldLiteral == Long.MAX_VALUE) {
          oldIsGone = true;
          if (stage == Stage.BACK_IN_IDLE || !session.storeLeaves()) {
            giveUp(Stranded.STORE_LOST);
          } else {
            leftIdle();
          }
        }
      }
    }
  }

  /** The old store may have said something last that keeps the session there. */
  private void leftIdle() {
    Stranded why = session.unclear();
    if (why != null) {
      giveUp(why);
    } else {
      prove(0);
    }
  }

  private void pass(byte[] octets) {
    session.store().sent(ByteBuffer.wrap(octets));
    if (!session.storeLeaves()) {
      steps.add(new MoveStep.Tell(octets));
    }
  }

  /** The client hears what there is to hear, if it may now. */
  private void proven(ImapProof by) {
    ImapNews news = by.news();
    if (tag == null && !asked && news != null && news.hasExpunges()) {
      stage = Stage.WAITING;
      leaveOld();
      goOnIfToldNow(by);
    } else {
      goOn(by);
    }
  }

  private void goOn(ImapProof by) {
    stage = Stage.ENDED;
    ImapNews news = by.news();
    String words = words(news);
    session.goesOn(news == null ? null : news.known());
    leaveOld();
    steps.add(
        new MoveStep.GoOn(
            Line.MAIN, words.getBytes(ISO_8859_1), fromClient.toByteArray(), by.rest()));
  }

  /** What the client hears: of its mailbox, and of the command that is under way. */
  private String words(@Nullable ImapNews news) {
    boolean awaitsIdling = session.awaitsIdling();
    StringBuilder words = new StringBuilder(awaitsIdling && !inIdle ? "+ idling\r\n" : "");
    if (news != null) {
      words.append(news.words());
    }
    if (awaitsIdling && inIdle) {
      words.append("+ idling\r\n");
    }
    if (tag != null && !inIdle) {
      words.append(tag).append(session.openIsIdle() ? " OK Idle" : " OK NOOP");
      words.append(" completed.\r\n");
    }
    return words.toString();
  }

  /** Expunges may be told once a command is there that has no sequence numbers. */
  private void goOnIfToldNow(ImapProof by) {
    byte[] sent = fromClient.toByteArray();
    int end = 0;
    while (end < sent.length && sent[end] != '\n') {
      end++;
    }
    if (end == sent.length) {
      if (end > LONGEST_COMMAND) {
        giveUp(Stranded.NUMBERS_IN_USE);
      }
      return;
    }
    int stop = end > 0 && sent[end - 1] == '\r' ? end - 1 : end;
    if (ImapNews.mayExpungeBehind(new ImapCursor(ByteBuffer.wrap(sent), 0, stop))) {
      stage = Stage.PROVING;
      asked = true;
      by.askWhetherStillThere();
    } else {
      giveUp(Stranded.NUMBERS_IN_USE);
    }
  }
}
