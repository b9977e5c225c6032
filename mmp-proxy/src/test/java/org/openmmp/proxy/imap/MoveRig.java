package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.openmmp.proxy.session.MoveStep;
import org.openmmp.proxy.session.SessionMove;

/**
 * One session that is followed through a dialogue, and moved to a store that answers by a script.
 * {@code ~} ends a line.
 */
final class MoveRig {
  static final String OFFERED = "IMAP4rev1 ENABLE QRESYNC ESEARCH IDLE LITERAL+ UNSELECT";

  final ImapObserver session = new ImapObserver(new ImapKey(new byte[16]), "HIDDEN"::equals);
  private final List<String> transcript = new ArrayList<>();
  private final Deque<String> answers = new ArrayDeque<>();

  /** What passes between client and store: parts {@code C…} and {@code S…} with bars between. */
  MoveRig dialogue(String dialogue) {
    for (String part : dialogue.split("[|]", -1)) {
      ByteBuffer sent = ByteBuffer.wrap(octets(part.substring(1)));
      if (part.charAt(0) == 'C') {
        session.client().sent(sent);
      } else {
        session.store().sent(sent);
      }
    }
    return this;
  }

  /** The new store answers each command by the next of these. */
  MoveRig answering(String... scripted) {
    answers.addAll(List.of(scripted));
    return this;
  }

  SessionMove begun(boolean planned) {
    SessionMove move = session.move(OFFERED, planned);
    obey(move, move.begin());
    return move;
  }

  /** The whole move: what was said and done, one thing a line. */
  String moved() {
    begun(false);
    return told();
  }

  String told() {
    String told = String.join("\n", transcript);
    transcript.clear();
    return told;
  }

  void obey(SessionMove move, List<MoveStep> steps) {
    for (MoveStep step : steps) {
      if (step instanceof MoveStep.Need need) {
        obey(move, move.loggedIn(need.line(), OFFERED, new byte[0]));
      } else if (step instanceof MoveStep.Send send) {
        transcript.add(send.line() + " " + text(send.octets()));
        String answer = answers.poll();
        if (answer != null && !answer.isEmpty()) {
          obey(move, move.received(send.line(), octets(answer)));
        }
      } else if (step instanceof MoveStep.Tell tell) {
        transcript.add("TELL " + text(tell.octets()));
      } else if (step instanceof MoveStep.Leave leave) {
        transcript.add("LEAVE " + leave.line());
      } else if (step instanceof MoveStep.GoOn on) {
        transcript.add(
            "GO ON WITH "
                + on.with()
                + ": "
                + text(on.toClient())
                + "|"
                + text(on.toStore())
                + "|"
                + text(on.fromStore()));
      } else if (step instanceof MoveStep.Bye bye) {
        transcript.add("BYE " + bye.why());
      } else {
        transcript.add(step.toString());
      }
    }
  }

  static byte[] octets(String text) {
    return text.replace("~", "\r\n").getBytes(ISO_8859_1);
  }

  static String text(byte[] octets) {
    return new String(octets, ISO_8859_1).replace("\r\n", "~");
  }
}
