package io.coterie.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.Test;

class CheckedResolverTest {

  @Test
  void resolve_name_isAskedForOnceAndGivenOnAsItWasChecked() throws Exception {
    List<String> asked = new ArrayList<>();
    InetAddress[] answer = {
      InetAddress.getByName("8.8.8.8"), InetAddress.getByName("2606:4700:4700::1111")
    };
    CheckedResolver resolver =
        new CheckedResolver(
            host -> {
              asked.add(host);
              return answer;
            },
            PublicAddresses::contains,
            Runnable::run);
    Promise.Completable<List<InetSocketAddress>> found = new Promise.Completable<>();
    resolver.resolve("tools.example.", 443, Map.of(), found);
    assertThat(found.get()).extracting(InetSocketAddress::getAddress).containsExactly(answer);
    assertThat(found.get()).extracting(InetSocketAddress::getPort).containsOnly(443);
    assertThat(asked).containsExactly("tools.example.");
  }
}
