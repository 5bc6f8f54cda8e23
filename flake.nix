# `nix run URL -- demo`, `nix profile install URL`; `overlays.default` for those who build a system of it.
{
  description = "From a named environment to a working OAuth 2.0 access token";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      cargo = (lib.importTOML ./Cargo.toml).package;
      eachSystem = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];

      build =
        pkgs:
        pkgs.rustPlatform.buildRustPackage {
          pname = cargo.name;
          inherit (cargo) version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;

          # The tests need a dozen shells and a loopback network: .ci/run has them, Nix's sandbox has not.
          doCheck = false;

          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            installShellCompletion --cmd choreo-env --bash completions/choreo-env.bash \
              --fish completions/choreo-env.fish --zsh completions/_choreo-env
            installShellCompletion --zsh completions/_cargo-choreo-env
            installManPage man/*
            install -Dm644 -t $out/share/choreo-env completions/choreo-env.{elv,nu,ps1}
          '';

          meta = {
            inherit (cargo) description;
            homepage = cargo.repository;
            license = with lib.licenses; [
              mit
              asl20
            ];
            mainProgram = cargo.name;
          };
        };
    in
    {
      packages = eachSystem (system: rec {
        choreo-env = build nixpkgs.legacyPackages.${system};
        default = choreo-env;
      });

      overlays.default = final: _: { choreo-env = build final; };
    };
}
