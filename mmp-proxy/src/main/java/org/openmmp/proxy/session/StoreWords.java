package org.openmmp.proxy.session;

/** What one protocol says to a store until its login is answered, and how it hears the store. */
public interface StoreWords {
  /** Makes the words for one store. */
  interface Maker {
    /**
     * The words of one login.
     *
     * @param talk told what comes of each response
     * @param octets where responses are read from
     */
    StoreWords words(StoreTalk talk, StoreLogin login, StoreOctets octets);
  }

  /** Hears the next response, and tells the talk of it; false if it is not there yet. */
  boolean hearNext();

  /** All that was said before is on its way to the store: what it answers now, it was asked. */
  default void wasSent() {}

  /** The command that begins TLS, which is the name of its capability too. */
  String tlsCommand();

  /** Asks the store to begin TLS; {@link StoreTalk#tlsAnswered} follows. */
  void askForTls();

  /** Asks what the store offers; {@link StoreTalk#offers} and {@link StoreTalk#secure} follow. */
  void askForOffer();

  /** The connection is as it has to be: goes on to the login. */
  void logIn(StoreCapabilities.Listing store);

  /** The command that takes leave, without line end. */
  String leave();

  /**
   * What belongs to the client of all that came behind the answer to an accepted login.
   *
   * @param rest what was not read
   */
  byte[] behindLogin(byte[] rest);
}
