package org.openmmp.storesim.lmtp;

/** How the octets of messages are read from one connection. */
record MessageReading(LmtpInputFramer framer, ReadingPace pace) {
  /** A message follows, up to its end of data. */
  void data(LmtpScript script) {
    framer.expectData(script.lenient());
    pace.reading(script.octetsPerSecond());
  }

  /** Octets that were counted follow. */
  void chunk(LmtpScript script) {
    pace.reading(script.octetsPerSecond());
  }

  /** Commands follow. */
  void ended() {
    pace.reading(0);
  }
}
