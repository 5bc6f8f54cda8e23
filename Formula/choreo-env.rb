# A formula for a tap of its own: `brew tap choreo-env/choreo-env URL && brew install choreo-env`.
#
# The sum of an archive is known when the archive is: the release workflow adds them (`.ci/manifests SHA256SUMS`). Without
# them, no release of this version has been made, and only `brew install --HEAD choreo-env` works.
class ChoreoEnv < Formula
  desc "From a named environment to a working OAuth 2.0 access token"
  homepage "https://github.com/choreo-env/choreo-env"
  version "0.1.0"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/choreo-env/choreo-env/releases/download/v0.1.0/choreo-env-v0.1.0-aarch64-apple-darwin.tgz"
    end
    on_intel do
      url "https://github.com/choreo-env/choreo-env/releases/download/v0.1.0/choreo-env-v0.1.0-x86_64-apple-darwin.tgz"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/choreo-env/choreo-env/releases/download/v0.1.0/choreo-env-v0.1.0-aarch64-unknown-linux-musl.tgz"
    end
    on_intel do
      url "https://github.com/choreo-env/choreo-env/releases/download/v0.1.0/choreo-env-v0.1.0-x86_64-unknown-linux-musl.tgz"
    end
  end

  head do
    url "https://github.com/choreo-env/choreo-env.git", branch: "main"
    depends_on "rust" => :build
  end

  def install
    if build.head?
      system "cargo", "install", *std_cargo_args
    else
      bin.install "choreo-env", "cargo-choreo-env"
    end
    bash_completion.install "completions/choreo-env.bash" => "choreo-env"
    zsh_completion.install "completions/_choreo-env", "completions/_cargo-choreo-env"
    fish_completion.install "completions/choreo-env.fish"
    pkgshare.install "completions"
    man1.install Dir["man/*.1"]
    man5.install Dir["man/*.5"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/choreo-env --version") unless build.head?
    assert_match "no profile is configured", shell_output("#{bin}/choreo-env list 2>&1", 3)
  end
end
