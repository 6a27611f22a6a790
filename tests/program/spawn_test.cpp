#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support.h"

namespace mnist::test {
namespace {

using Json = nlohmann::json;
using Options = std::vector<std::string>;
using testing::HasSubstr;

const Options kData{"--data=" + sample_dir().string(), "--validation=200", "--test-limit=100"};

Options operator+(Options left, const Options& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::string request(const Options& options, const std::string& log) {
  return Json{{"options", options}, {"log", log}}.dump() + "\n";
}

/// What spawn, which has kData in memory, does with this on standard input.
Outcome spawn(const TempDir& dir, const std::string& requests) {
  write_file(dir / "requests", requests);
  return run(Options{"sh", "-c", "exec \"$@\" < '" + (dir / "requests").string() + "'", "sh",
                     MNIST_TRAIN_PROGRAM, "spawn"} +
             kData);
}

/// How the runs ended, in no order.
std::vector<Json> ends(const Outcome& outcome) {
  std::istringstream out(outcome.out);
  std::vector<Json> found;
  for (std::string line; std::getline(out, line);) {
    Json news = Json::parse(line);
    news.erase("pid");
    if (!news.empty()) found.push_back(news);
  }
  return found;
}

TEST(Spawn, StartsRunsThatDoWhatTheProgramDoes) {
  const TempDir dir;
  const std::vector<Options> runs{
      {"--lr=0.1", "--epochs=3"},
      {"--lr=0.1", "--epochs=2", "--engine=autograd", "--threads=2"},
      {"--lr=0.05", "--epochs=2", "--shuffle", "--threads=2", "--validation=300"},  // not in memory
  };
  std::string requests;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string name = std::to_string(i);
    const auto into = [&](const std::string& folder) {
      return kData + runs[i] + Options{"--out=" + (dir / (folder + name)).string()};
    };
    requests += request(into("spawned"), dir / ("log" + name));
    const Outcome alone = run_program(into("alone"));
    ASSERT_EQ(alone.exit_code, 0) << alone.err;
  }

  const Outcome outcome = spawn(dir, requests);

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(ends(outcome), std::vector<Json>(runs.size(), Json{{"exit", 0}}));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string name = std::to_string(i);
    EXPECT_EQ(read_file(dir / ("spawned" + name) / "model.safetensors"),
              read_file(dir / ("alone" + name) / "model.safetensors"));
    EXPECT_THAT(read_file(dir / ("log" + name)), HasSubstr("I engine "));
  }
}

TEST(Spawn, SaysHowARunFailedAndGoesOn) {
  const TempDir dir;
  const std::string requests = request({"--dropout=0.1"}, dir / "usage") +
                               request({"doctor"}, dir / "doctor") +
                               request({"--data=" + (dir / "nothing").string()}, dir / "data") +
                               request(kData + Options{"--epochs=1", "--quiet"}, dir / "good");
  const Outcome outcome = spawn(dir, requests);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(ends(outcome), testing::UnorderedElementsAre(Json{{"exit", 2}}, Json{{"exit", 2}},
                                                           Json{{"exit", 3}}, Json{{"exit", 0}}));
  EXPECT_THAT(read_file(dir / "usage"), HasSubstr("--dropout"));
  EXPECT_THAT(read_file(dir / "data"), HasSubstr((dir / "nothing").string()));
  EXPECT_EQ(read_file(dir / "good"), "");
}

TEST(Spawn, SaysThatARunWasKilled) {
  const TempDir dir;
  const std::string endless = request(kData + Options{"--epochs=1000000"}, dir / "log");
  const Outcome outcome = run({"bash", "-c", R"sh(
      coproc "$@"
      read -u "${COPROC[0]}"
      printf %s "$0" >&"${COPROC[1]}"
      read -u "${COPROC[0]}" begun
      kill -KILL "$(tr -dc 0-9 <<< "$begun")"
      read -u "${COPROC[0]}" ended
      echo "$ended")sh",
                               endless, MNIST_TRAIN_PROGRAM, "spawn", kData[0], kData[1]});
  EXPECT_EQ(ends(outcome), std::vector<Json>{Json({{"signal", 9}})}) << outcome.err;
}

TEST(Spawn, TakesALastLineWithoutALineFeed) {
  const TempDir dir;
  std::string line = request({"--data", "nowhere"}, dir / "log");
  line.pop_back();
  EXPECT_EQ(ends(spawn(dir, line)), std::vector<Json>{Json({{"exit", 3}})});
}

TEST(Spawn, RefusesWhatIsNoRequest) {
  const TempDir dir;
  for (const char* const line :
       {"--lr=0.1\n", "{}\n", "{\"options\": \"--lr=0.1\", \"log\": \"log\"}\n"}) {
    const Outcome outcome = spawn(dir, line);
    EXPECT_EQ(outcome.exit_code, 2) << line;
    EXPECT_THAT(outcome.err, HasSubstr("spawn: expected lines such as {\"options\"")) << line;
  }
  EXPECT_EQ(run_program({"spawn", "--data", dir / "nothing"}).exit_code, 3);
}

}  // namespace
}  // namespace mnist::test
