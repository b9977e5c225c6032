package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreTalk;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.ResponseCode;

/**
 * What a store says from the login command to the end of its answer: continuation requests, the
 * tagged response, and, where that brought no capabilities, the answer to a CAPABILITY of our own
 * (rule B3.3).
 */
final class ImapLoginExchange {
  private static final int MAX_ALERTS = 4;

  private final StoreTalk talk;
  private final ImapStoreReader reader;
  private final String loginTag;
  private final String capabilityTag;
  private final List<String> alerts = new ArrayList<>(0);
  private final ByteArrayOutputStream behindLogin = new ByteArrayOutputStream(0);
  private String capabilities = "";
  private @Nullable StoreAnswer accepted;

  /**
   * An exchange that begins.
   *
   * @param reader where what comes behind an accepted login is read verbatim
   * @param capabilityTag the tag to ask for capabilities with, if need be
   */
  ImapLoginExchange(StoreTalk talk, ImapStoreReader reader, String loginTag, String capabilityTag) {
    this.talk = talk;
    this.reader = reader;
    this.loginTag = loginTag;
    this.capabilityTag = capabilityTag;
  }

  /** Takes a response, and gives the talk what it asks for, or the answer. */
  void onResponse(ImapResponse response) {
    if (accepted != null) {
      onLearning(response, accepted);
    } else if (response.continuation()) {
      String line = response.line();
      talk.onMore(line.substring(Math.min(2, line.length())).getBytes(ISO_8859_1));
    } else if (response.untagged()) {
      onUntagged(response);
    } else if (response.tag().equals(loginTag)) {
      onTagged(response);
    }
  }

  /** What came behind the accepted login, for the client: what was read of it, then the rest. */
  byte[] behindLogin(byte[] rest) {
    behindLogin.writeBytes(rest);
    byte[] all = behindLogin.toByteArray();
    behindLogin.reset();
    return all;
  }

  /** Only what may pass reaches the client: capabilities and alerts (B4). */
  private void onUntagged(ImapResponse response) {
    switch (response.word()) {
      case CAPABILITY -> capabilities = response.line();
      case BYE -> talk.answer(ImapLoginAnswers.bye(response, AttemptOutcome.UNREACHABLE));
      case OK, NO, BAD -> {
        ResponseCode.Split split = ResponseCode.split(response.text());
        if (split.has("ALERT") && !split.has("REFERRAL") && alerts.size() < MAX_ALERTS) {
          alerts.add(response.line());
        }
      }
      case PREAUTH, OTHER -> {}
    }
  }

  private void onTagged(ImapResponse response) {
    StoreAnswer answer = ImapLoginAnswers.tagged(response, alerts, untagged());
    if (response.word() != ImapResponse.Word.OK
        || !capabilities.isEmpty()
        || ResponseCode.split(response.text()).has("CAPABILITY")) {
      talk.answer(answer);
      return;
    }
    accepted = answer;
    talk.endLogin();
    reader.readVerbatim();
    talk.say(capabilityTag + " CAPABILITY");
  }

  private void onLearning(ImapResponse response, StoreAnswer before) {
    if (response.tag().equals(capabilityTag)) {
      talk.answer(
          new StoreAnswer(
              before.outcome(),
              before.referral(),
              untagged(),
              before.finalResponse(),
              before.reason()));
    } else if (response.untagged() && response.word() == ImapResponse.Word.CAPABILITY) {
      capabilities = response.line();
    } else {
      behindLogin.writeBytes((response.line() + "\r\n").getBytes(ISO_8859_1));
    }
  }

  private List<String> untagged() {
    List<String> lines = new ArrayList<>(2);
    // Other alerts belong to a refusal.
    alerts.stream()
        .filter(alert -> ImapResponse.parse(alert).word() == ImapResponse.Word.OK)
        .forEach(lines::add);
    if (!capabilities.isEmpty()) {
      lines.add(capabilities);
    }
    return lines;
  }
}
