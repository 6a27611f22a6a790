#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/option_table.h"
#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

using test::read_file;
using test::run;
using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string kDocs = MNIST_TRAIN_DOCS;

bool has_program(const std::string& name) {
  return run({"sh", "-c", "command -v \"$0\"", name}).exit_code == 0;
}

/// What bash offers for the last of the words, which stand after mnist-train.
std::set<std::string> offered(const std::string& words) {
  // As bash does it: the words are split at '=', too, and the function is told the last two.
  const auto [code, out, error] = run({"bash", "-c", R"sh(
      compopt() { echo "option $2"; }  # the builtin works only while something is completed
      . "$0/completion.bash"
      read -ra COMP_WORDS <<< "mnist-train ${1//=/ = }"
      [[ $1 == *[\ ] || -z $1 ]] && COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _mnist_train mnist-train "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
      printf '%s\n' "${COMPREPLY[@]}")sh",
                                       kDocs, words});
  EXPECT_EQ(code, 0) << error;
  EXPECT_EQ(error, "");
  std::istringstream lines(out);
  std::set<std::string> found;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) found.insert(line);
  }
  return found;
}

TEST(Docs, AreFilledIn) {
  for (const char* name :
       {"mnist-train.1", "completion.bash", "completion.zsh", "completion.fish"}) {
    EXPECT_THAT(read_file(kDocs + "/" + name), AllOf(HasSubstr("epochs"), Not(HasSubstr("{{"))))
        << name;
  }
}

/// The names of the options of a command, all of them.
std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names;
  for (const OptionRow& row : command.options) {
    if (!row.is_argument()) names.insert(names.end(), row.names.begin(), row.names.end());
  }
  return names;
}

TEST(Docs, ManPageHasEveryOptionAndExitCode) {
  const std::string page = read_file(kDocs + "/mnist-train.1");
  CommandLine line;
  for (const Command& command : command_table(line)) {
    const std::size_t begin = page.find(".SS mnist\\-train " + command.name + "\n");
    const std::string rest =
        command.name.empty() ? page : page.substr(std::min(begin, page.size()));
    const std::string section = rest.substr(0, rest.find(".SS mnist", 1));
    if (command.name == "doctor") {
      EXPECT_THAT(section, HasSubstr("It takes the options above."));
      continue;
    }
    for (const std::string& name : option_names(command)) {
      std::string markup = "\\fB";
      for (const char c : name) markup += c == '-' ? std::string("\\-") : std::string(1, c);
      EXPECT_THAT(section, HasSubstr(markup + "\\fR")) << command.name;
    }
  }
  for (const auto& [code, meaning] : kExitCodes) {
    EXPECT_THAT(page, HasSubstr(".B " + std::to_string(static_cast<int>(code)) + "\n"));
  }
}

TEST(Docs, ManPageIsShownWithoutAWarning) {
  if (!has_program("man")) GTEST_SKIP() << "there is no man";
  const auto [code, page, warnings] =
      run({"sh", "-c", "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l \"$0\"",
           kDocs + "/mnist-train.1"});
  EXPECT_EQ(code, 0);
  EXPECT_EQ(warnings, "");
  EXPECT_THAT(page, HasSubstr("--weight-decay X [0]"));
}

TEST(Docs, BashOffersEveryOptionOfEveryCommand) {
  CommandLine line;
  const std::vector<Command> table = command_table(line);
  for (const Command& command : table) {
    std::set<std::string> found = offered(command.name + " -");
    found.erase("option default");  // bash adds files
    const std::vector<std::string> names =
        option_names(command.name == "doctor" ? table.front() : command);
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(names)) << command.name;
  }
}

TEST(Docs, BashCompletesCommandsOptionsAndValues) {
  EXPECT_THAT(offered("sh"), testing::ElementsAre("show"));
  EXPECT_THAT(offered("--ep"), testing::ElementsAre("--epochs"));
  EXPECT_THAT(offered("show --"), Contains("--wrong"));
  EXPECT_THAT(offered("show --"), Not(Contains("--epochs")));
  EXPECT_THAT(offered("doctor --ep"), testing::ElementsAre("--epochs"));
  EXPECT_THAT(offered("--engine "), testing::ElementsAre("auto", "autograd", "sparse"));
  EXPECT_THAT(offered("--engine=a"), testing::ElementsAre("auto", "autograd"));
  EXPECT_THAT(offered("--engine="), testing::ElementsAre("auto", "autograd", "sparse"));
  EXPECT_THAT(offered("show --split t"), testing::ElementsAre("test", "train"));
  EXPECT_THAT(offered("--out "), testing::ElementsAre("option dirnames"));
  EXPECT_THAT(offered("eval --model ru"), testing::ElementsAre("option default"));
  EXPECT_THAT(offered("--epochs "), IsEmpty());
}

class Completions : public testing::TestWithParam<std::string> {};

TEST_P(Completions, AreGoodShell) {
  const std::string& shell = GetParam();
  if (!has_program(shell)) GTEST_SKIP() << "there is no " << shell;
  const auto [code, out, error] = run({shell, "-n", kDocs + "/completion." + shell});
  EXPECT_EQ(code, 0) << error;
}

INSTANTIATE_TEST_SUITE_P(Docs, Completions, testing::Values("bash", "zsh", "fish"),
                         [](const auto& shell) { return shell.param; });

/// The line that zsh makes of this one by a Tab, and then all that its terminal shows.
std::string completed_by_zsh(const std::string& line) {
  const test::TempDir dir;
  test::write_file(dir / "_mnist-train", read_file(kDocs + "/completion.zsh"));
  // The line is there before the first key could be read, so nothing has to be waited for.
  test::write_file(dir / ".zshrc", R"sh(
      TMOUT=100  # seconds, after which it ends if it waits for a key all the same
      fpath=($ZDOTDIR $fpath)
      autoload -Uz compinit && compinit -D -u
      zle-line-init() {
        BUFFER=$LINE CURSOR=$#LINE
        zle complete-word
        print -r -- $BUFFER > $ZDOTDIR/completed
        exit
      }
      zle -N zle-line-init)sh");
  const auto [code, out, error] = run({"zsh", "-fc", R"sh(
      export ZDOTDIR=$0 LINE=$1 TERM=dumb
      zmodload zsh/zpty || exit
      zpty shell zsh -d -i
      while zpty -r shell chunk; do shown+=$chunk; done
      cat $ZDOTDIR/completed
      print -r -- $shown)sh",
                                       dir.path().string(), line});
  EXPECT_EQ(code, 0) << error;
  return out;
}

TEST(Docs, ZshCompletesCommandsOptionsAndValues) {
  if (!has_program("zsh")) GTEST_SKIP() << "there is no zsh";
  EXPECT_THAT(completed_by_zsh("mnist-train sh"), StartsWith("mnist-train show \n"));
  EXPECT_THAT(completed_by_zsh("mnist-train --ep"), StartsWith("mnist-train --epochs=\n"));
  EXPECT_THAT(completed_by_zsh("mnist-train doctor --ep"), HasSubstr(" doctor --epochs=\n"));
  EXPECT_THAT(completed_by_zsh("mnist-train --engine="), ContainsRegex("auto +autograd +sparse"));
  EXPECT_THAT(completed_by_zsh("mnist-train --engine s"), HasSubstr("--engine sparse \n"));
  EXPECT_THAT(completed_by_zsh("mnist-train show --"),
              AllOf(HasSubstr("--wrong"), Not(HasSubstr("--epochs"))));
}

TEST(Docs, FishCompletesCommandsOptionsAndValues) {
  if (!has_program("fish")) GTEST_SKIP() << "there is no fish";
  const auto offers = [](const std::string& line) {
    return run({"fish", "--no-config", "-c",
                "source " + kDocs + "/completion.fish; complete -C '" + line + "'"})
        .out;
  };
  // Newer ones also offer what has the letters anywhere.
  EXPECT_EQ(offers("mnist-train sh"), "show\tLook at the images\n");
  EXPECT_EQ(offers("mnist-train --epo"), "--epochs\tTimes to go through the training images\n");
  EXPECT_THAT(offers("mnist-train --engine "), HasSubstr("autograd\t"));
  EXPECT_THAT(offers("mnist-train show --"), Not(HasSubstr("--epochs")));
  EXPECT_THAT(offers("mnist-train doctor --"), HasSubstr("--epochs"));
}

}  // namespace
}  // namespace mnist
