import ArgumentParser

/// `completions`: prints a script that teaches a shell the words of this program.
struct Completions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the completion script of a shell.",
    discussion: """
      EXAMPLES:
        pcie-harness completions bash > /etc/bash_completion.d/pcie-harness
        pcie-harness completions zsh > ~/.zfunc/_pcie-harness
        pcie-harness completions fish > ~/.config/fish/completions/pcie-harness.fish
      """)

  @Argument(help: "The shell.")
  var shell: Shell

  /// The shells that are known.
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    fileprivate var known: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  func run() { Speech.say(Harness.completionScript(for: shell.known)) }
}
