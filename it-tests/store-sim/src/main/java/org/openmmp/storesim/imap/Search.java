package org.openmmp.storesim.imap;

import jakarta.mail.MessagingException;
import jakarta.mail.search.SubjectTerm;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.openmmp.storesim.mailbox.StoredMessage;
import org.openmmp.storesim.session.CommandSyntaxException;

/**
 * The conditions of a SEARCH (RFC 3501 section 6.4.4) that the demo's and the tests' clients use:
 * flags, message numbers, UIDs and a word of the subject.
 */
@FunctionalInterface
interface Search {
  /**
   * Whether the message is one of those searched for.
   *
   * @param number its number in the session
   * @param largest the largest number of the session
   * @param largestUid the largest UID of the session
   */
  boolean matches(StoredMessage message, int number, int largest, long largestUid);

  /** All conditions up to the end of the line; each must hold. */
  static Search parse(ImapScanner scanner) {
    Search all = (message, number, largest, largestUid) -> true;
    do {
      Search before = all;
      Search next = key(scanner);
      all =
          (message, number, largest, largestUid) ->
              before.matches(message, number, largest, largestUid)
                  && next.matches(message, number, largest, largestUid);
    } while (scanner.skip(' '));
    return all;
  }

  private static Search key(ImapScanner scanner) {
    String word = scanner.atom("*").toUpperCase(Locale.ROOT);
    return switch (word) {
      case "ALL" -> (message, number, largest, largestUid) -> true;
      case "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN" -> flag("\\" + word, true);
      case "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN" ->
          flag("\\" + word.substring(2), false);
      case "CHARSET" -> {
        scanner.space();
        if (!scanner.astring().equalsIgnoreCase("UTF-8")) {
          throw new CommandSyntaxException("Only UTF-8");
        }
        yield (message, number, largest, largestUid) -> true;
      }
      case "SUBJECT" -> {
        scanner.space();
        yield subject(scanner.astring());
      }
      case "UID" -> {
        scanner.space();
        SequenceSet set = SequenceSet.parse(scanner.atom("*"));
        yield (message, number, largest, largestUid) -> set.contains(message.uid(), largestUid);
      }
      default -> {
        SequenceSet set = SequenceSet.parse(word);
        yield (message, number, largest, largestUid) -> set.contains(number, largest);
      }
    };
  }

  private static Search flag(String flag, boolean wanted) {
    return (message, number, largest, largestUid) -> message.flags().contains(flag) == wanted;
  }

  private static Search subject(String octets) {
    SubjectTerm term =
        new SubjectTerm(
            new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    return (message, number, largest, largestUid) -> {
      try {
        return term.match(MimeTree.parsed(message.octets()));
      } catch (MessagingException unreadable) {
        return false;
      }
    };
  }
}
