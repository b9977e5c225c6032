package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.UnusableValueException;
import org.openmmp.text.SafeText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the entry that a client's certificate stands for, and its login name. */
final class CertificateOwners {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateOwners.class);
  private static final SearchTemplate ANY = SearchTemplate.filter("(objectClass=*)");

  private final EmptyAnswers servers;
  private final DirectoryConfig.References references;
  private final LookupLanes lanes;
  private final DirectoryListener listener;
  private final Ticker ticker;

  CertificateOwners(
      EmptyAnswers servers,
      DirectoryConfig.References references,
      LookupLanes lanes,
      DirectoryListener listener,
      Ticker ticker) {
    this.servers = servers;
    this.references = references;
    this.lanes = lanes;
    this.listener = listener;
    this.ticker = ticker;
  }

  /**
   * Looks the owner up: first by the certificate, then, as any user, by the login name found. Both
   * must lead to one entry, or the name is somebody else's.
   *
   * @param patience how long the caller waits
   * @param byName the look-up by name
   */
  CompletionStage<LookupResult> lookUp(
      CertificateIdentity identity,
      Duration patience,
      Function<String, CompletionStage<LookupResult>> byName) {
    CompletableFuture<CompletionStage<LookupResult>> found = new CompletableFuture<>();
    long until = ticker.read() + patience.toNanos();
    lanes.execute(
        false,
        () -> until,
        (limit, last) -> {
          CompletionStage<LookupResult> answer = answer(identity, limit, last, byName);
          return answer != null && found.complete(answer);
        },
        () -> {
          listener.onTurnedAway();
          String reason = "no turn at the directory within the time of the login";
          found.complete(failed(Kind.DIRECTORY_DOWN, reason));
        });
    return found.thenCompose(answer -> answer);
  }

  /** Null if no server answered in time and there may be more time. */
  private @Nullable CompletionStage<LookupResult> answer(
      CertificateIdentity identity,
      Duration limit,
      boolean last,
      Function<String, CompletionStage<LookupResult>> byName) {
    String base = identity.baseDn();
    String filter = identity.filter();
    try {
      AccountSearch search =
          new AccountSearch(
              servers,
              references,
              SearchTemplate.dn(base),
              ANY,
              List.of(identity.loginAttribute()));
      AccountSearch.Found found =
          search.find(base, filter, new LdapServers.Subject(base + '\0' + filter, -1), limit);
      if (!found.somebody()) {
        return failed(Kind.NO_SUCH_USER, "the certificate is nobody's");
      }
      if (found.several()) {
        String shown = SafeText.of(filter);
        LOG.error("more than one entry matches {}", shown); // B1.9
        return failed(Kind.AMBIGUOUS, "more than one entry matches " + shown);
      }
      EntryValues entry = found.only();
      String entryDn = entry.entry().getDN();
      return byName.apply(loginName(identity, entry)).thenApply(result -> ofEntry(entryDn, result));
    } catch (UnusableValueException e) {
      return failed(Kind.BAD_ENTRY, e.reason());
    } catch (LDAPException e) {
      return !last && LdapServers.isLate(e)
          ? null
          : failed(Kind.DIRECTORY_DOWN, LdapServers.describe(e));
    } catch (RuntimeException | Error e) {
      // A bug of ours must not leave callers waiting.
      LOG.error("a look-up by certificate failed by a mistake in the program", e);
      return failed(Kind.DIRECTORY_DOWN, "a mistake in the program");
    }
  }

  private static String loginName(CertificateIdentity identity, EntryValues entry)
      throws UnusableValueException {
    List<String> names = entry.distinguished(identity.loginAttribute());
    if (names.size() != 1) {
      throw new UnusableValueException(
          "the certificate's entry has "
              + names.size()
              + " values of "
              + identity.loginAttribute()
              + " instead of one");
    }
    return names.get(0);
  }

  private static LookupResult ofEntry(String entryDn, LookupResult result) {
    return result.kind() != Kind.FOUND || same(entryDn, result.entryDn())
        ? result
        : LookupResult.failed(
            Kind.BAD_ENTRY,
            result.login(),
            "the login name of the certificate's entry leads to another entry");
  }

  private static boolean same(String one, String other) {
    try {
      return DN.equals(one, other);
    } catch (LDAPException notADn) {
      return false;
    }
  }

  private static CompletionStage<LookupResult> failed(Kind kind, String reason) {
    return CompletableFuture.completedStage(LookupResult.failed(kind, "", reason));
  }
}
