package org.openmmp.storesim.imap;

import java.util.List;

/**
 * One command line with its literals.
 *
 * @param texts the text before, between and behind the literals, one more than there are literals;
 *     without literal markers and line ends, octets as ISO-8859-1
 * @param literals the octets of the literals, in order
 */
record ImapLine(List<String> texts, List<byte[]> literals) {
  /** The text before the first literal. */
  String first() {
    return texts.get(0);
  }
}
