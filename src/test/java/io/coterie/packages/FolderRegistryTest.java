package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderRegistryTest {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

  @TempDir Path temp;
  private Path root;
  private Registry registry;

  @BeforeEach
  void create() throws Exception {
    root = Files.createDirectories(temp.resolve("registry"));
    Files.createDirectories(root.resolve("pkg"));
    Files.write(root.resolve("pkg/f.zip"), HELLO);
    Files.write(temp.resolve("secret"), HELLO);
    registry = FolderRegistry.named("file:x", root);
  }

  @Test
  void read_fileThatIsThereOrNot_isItsContentOrEmpty() throws Exception {
    assertThat(registry.read("pkg/f.zip", 5)).contains(HELLO);
    assertThat(registry.read("pkg/g.zip", 5)).isEmpty();
    assertThat(registry.read("other/index.json", 5)).isEmpty();
    assertThat(registry.read("pkg/f.zip/index.json", 5)).isEmpty();
    assertThat(registry.read("pkg", 5)).isEmpty();
  }

  @Test
  void read_largerThanAllowed_isRefused() throws Exception {
    Files.write(root.resolve("pkg/f.zip"), new byte[(1 << 20) + 1]);
    assertThat(registry.read("pkg/f.zip", (1 << 20) + 1)).isPresent();
    assertThatThrownBy(() -> registry.read("pkg/f.zip", 1 << 20))
        .isInstanceOf(RefusedException.class)
        .hasMessage("the registry sent more than 1 MB");
  }

  @Test
  void read_linkOrPathThatLeadsOut_isRefused() throws Exception {
    Files.createSymbolicLink(root.resolve("pkg/out.zip"), temp.resolve("secret"));
    Files.createSymbolicLink(root.resolve("up"), temp);
    for (String path : new String[] {"pkg/out.zip", "up/secret", "../secret"}) {
      assertThatThrownBy(() -> registry.read(path, 5))
          .isInstanceOf(RefusedException.class)
          .hasMessage("a link in the registry leads out of it");
    }
  }

  @Test
  void read_linkThatStaysInside_isFollowed() throws Exception {
    Files.createSymbolicLink(root.resolve("pkg/newest.zip"), Path.of("f.zip"));
    Path alias = Files.createSymbolicLink(temp.resolve("alias"), root);

    assertThat(registry.read("pkg/newest.zip", 5)).contains(HELLO);
    assertThat(FolderRegistry.named("file:y", alias).read("pkg/f.zip", 5)).contains(HELLO);
  }

  @Test
  void read_folderThatIsMissing_isAnErrorUnlessItIsTheServersOwn() throws Exception {
    Path missing = temp.resolve("missing");

    assertThat(FolderRegistry.own(missing).read("pkg/index.json", 5)).isEmpty();
    assertThat(unavailable(FolderRegistry.named("file:x", missing)).status()).isEqualTo(502);
    assertThat(unavailable(FolderRegistry.own(temp.resolve("secret"))).status()).isEqualTo(502);
  }

  private static RegistryException unavailable(Registry registry) {
    return catchThrowableOfType(RegistryException.class, () -> registry.read("pkg/index.json", 5));
  }
}
