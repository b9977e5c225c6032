package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.directory.Printable;
import org.openmmp.directory.UnusableValueException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the entry that a client's certificate stands for, and its login name. */
final class CertificateOwners {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateOwners.class);
  private static final String ANY = "(objectClass=*)";

  private final LdapServers servers;
  private final Duration timeLimit;
  private final Workers workers;
  private final DirectoryListener listener;

  CertificateOwners(
      LdapServers servers, Duration timeLimit, Workers workers, DirectoryListener listener) {
    this.servers = servers;
    this.timeLimit = timeLimit;
    this.workers = workers;
    this.listener = listener;
  }

  /**
   * Looks the owner up: first by the certificate, then, as any user, by the login name found. Both
   * must lead to one entry, or the name is somebody else's.
   *
   * @param byName the look-up by name
   */
  CompletionStage<LookupResult> lookUp(
      CertificateIdentity identity, Function<String, CompletionStage<LookupResult>> byName) {
    CompletableFuture<CompletionStage<LookupResult>> found = new CompletableFuture<>();
    workers.execute(
        () -> found.complete(answer(identity, byName)),
        () -> {
          listener.onTurnedAway();
          found.complete(failed(Kind.DIRECTORY_DOWN, "too many look-ups wait for the directory"));
        });
    return found.thenCompose(answer -> answer);
  }

  private CompletionStage<LookupResult> answer(
      CertificateIdentity identity, Function<String, CompletionStage<LookupResult>> byName) {
    List<String> attributes = List.of(identity.loginAttribute());
    try {
      AccountSearch.Found found =
          new AccountSearch(servers, identity.baseDn(), ANY, attributes, timeLimit)
              .find(identity.baseDn(), identity.filter());
      return switch (found.count()) {
        case NONE -> failed(Kind.NO_SUCH_USER, "the certificate is nobody's");
        case SEVERAL -> {
          String filter = Printable.of(identity.filter());
          LOG.error("more than one entry matches {}", filter); // B1.9
          yield failed(Kind.AMBIGUOUS, "more than one entry matches " + filter);
        }
        case ONE -> {
          EntryValues entry = new EntryValues(found.entry().orElseThrow());
          String entryDn = entry.entry().getDN();
          yield byName
              .apply(loginName(identity, entry))
              .thenApply(result -> ofEntry(entryDn, result));
        }
      };
    } catch (UnusableValueException e) {
      return failed(Kind.BAD_ENTRY, e.reason());
    } catch (LDAPException e) {
      return failed(Kind.DIRECTORY_DOWN, LdapServers.describe(e));
    } catch (RuntimeException e) {
      // A mistake of ours must not leave those waiting who asked.
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
