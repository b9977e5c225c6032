package org.openmmp.lmtp.transaction;

/**
 * How far an attempt to deliver at one store has come; it never goes back. The columns are what a
 * failure there means (rule B5.7).
 */
public enum DeliveryStage {
  /** Name, connect, and TLS where it comes first. */
  CONNECTING("connecting", Meaning.NEXT_HOST, Meaning.NEXT_HOST, Meaning.NEXT_HOST),
  /** Greeting, LHLO, STARTTLS, XCLIENT: a refusal there is about this relay, not the message. */
  GREETING("greeting", Meaning.NEXT_HOST, Meaning.NEXT_HOST, Meaning.NEXT_HOST),
  /** The reply to MAIL. */
  MAIL("mail", Meaning.NEXT_HOST, Meaning.NEXT_HOST, Meaning.THE_ANSWER),
  /** The replies to RCPT, and the wait for the client's message. */
  RCPT("rcpt", Meaning.NEXT_HOST, Meaning.THE_ANSWER, Meaning.THE_ANSWER),
  /** The go-ahead for the message. */
  DATA("data", Meaning.NEXT_HOST, Meaning.NEXT_HOST, Meaning.THE_ANSWER),
  /** The message, without its end: the store can have delivered nothing. */
  BODY("sending body", Meaning.NEXT_HOST, Meaning.NEXT_HOST, Meaning.THE_ANSWER),
  /** The end of the message is on its way: from here on the store may deliver. */
  END_OF_DATA("sending end of data", Meaning.FATE_UNKNOWN, Meaning.THE_ANSWER, Meaning.THE_ANSWER),
  /** The replies for the recipients. */
  FINAL_REPLIES("final replies", Meaning.FATE_UNKNOWN, Meaning.THE_ANSWER, Meaning.THE_ANSWER);

  /** What a failure means for the recipients concerned. */
  enum Meaning {
    /** Nothing: another host is tried with the same message. */
    NEXT_HOST,
    /** It is the store's word for them. */
    THE_ANSWER,
    /** They may have got it: nobody tries again but the client. */
    FATE_UNKNOWN
  }

  private final String words;
  private final Meaning lost;
  private final Meaning temporary;
  private final Meaning permanent;

  DeliveryStage(String words, Meaning lost, Meaning temporary, Meaning permanent) {
    this.words = words;
    this.lost = lost;
    this.temporary = temporary;
    this.permanent = permanent;
  }

  /** Its name in the log. */
  public String words() {
    return words;
  }

  /** The store refuses for now, and not by leaving (421), which is a loss. */
  Meaning temporary() {
    return temporary;
  }

  /** The store refuses for good. */
  Meaning permanent() {
    return permanent;
  }

  /** Whether the store may have the whole message. */
  boolean mayHaveDelivered() {
    return lost == Meaning.FATE_UNKNOWN;
  }
}
