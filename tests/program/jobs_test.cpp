// Feeds lines to `mnist-train jobs`.

#include <sys/stat.h>

#include <fstream>

#include "program/runs.h"

namespace mnist {
namespace {

using nlohmann::json;

/// Options of a run of about 10 ms.
const Arguments kSmall{kSampleData, "--train-limit=200", "--test-limit=100", "--hidden=16",
                       "--epochs=1"};

std::string joined(const Arguments& arguments) {
  std::string line;
  for (const std::string& argument : arguments) line += argument + " ";
  return line + "\n";
}

/// What `jobs` does with these lines.
test::Outcome run_jobs(const std::string& lines, const Arguments& defaults = kSmall) {
  return test::run(Arguments{MNIST_TRAIN_PROGRAM, "jobs"} + defaults, lines);
}

std::vector<json> parse_lines(const std::string& text) {
  std::vector<json> lines;
  for (const std::string& line : lines_of(text)) lines.push_back(json::parse(line));
  return lines;
}

/// The lines that end a job: results and errors.
std::vector<json> ends_of(const test::Outcome& outcome) {
  std::vector<json> lines = parse_lines(outcome.out);
  std::erase_if(lines, [](const json& line) { return line.contains("epoch"); });
  return lines;
}

TEST(Jobs, PrintEpochsAndResultsAndTheCodeOfTheFirstThatFails) {
  const test::Outcome outcome =
      run_jobs("--lr=0.1\n\n--min-accuracy=100\n--lr=fast\n--data=/nonexistent\n[\"--epochs=2\"]");
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_EQ(outcome.err, "");
  const std::vector<json> lines = parse_lines(outcome.out);
  const std::vector<std::pair<int, int>> origins{{1, 1}, {1, 1}, {2, 3}, {2, 3}, {3, 4},
                                                 {4, 5}, {5, 6}, {5, 6}, {5, 6}};
  ASSERT_EQ(lines.size(), origins.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i]["job"], origins[i].first);
    EXPECT_EQ(lines[i]["line"], origins[i].second);
  }
  EXPECT_EQ(lines[0]["epoch"], 1);
  EXPECT_EQ(lines[1]["schema"], "mnist-train/1");
  EXPECT_EQ(lines[1]["config"]["lr"], 0.1);
  EXPECT_EQ(lines[3]["status"], "below-min-accuracy");
  EXPECT_THAT(lines[4]["error"], HasSubstr("--lr"));
  EXPECT_EQ(lines[4]["exit_code"], 2);
  EXPECT_EQ(lines[4].size(), 4);
  EXPECT_EQ(lines[5]["exit_code"], 3);
  EXPECT_EQ(lines[7]["epoch"], 2);
  EXPECT_EQ(lines[8]["status"], "completed");
  EXPECT_EQ(run_jobs("").exit_code, 0);
}

TEST(Jobs, TakeTheWordsOfAShellOrAJsonArray) {
  const test::TempDir dir;
  const std::string set = (dir / "a set").string();
  test::write_data_set(set, 20, 10);
  const test::Environment variable("SET", set.c_str());
  const test::Outcome outcome =
      run_jobs("--data='" + set + "'\n--data=" + dir.path().string() + "/a\\ set\r\n" +
               "--data \"$SET\" --seed=2\n[\"--data\", \"" + set + "\"]\n");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  ASSERT_EQ(ends_of(outcome).size(), 4);
  for (const json& result : ends_of(outcome)) EXPECT_EQ(result["data"]["train"], 20) << result;
}

TEST(Jobs, RefuseWhatIsNoRun) {
  const test::TempDir dir;
  const std::string file = (dir / "file").string();
  const test::Outcome outcome = run_jobs("'--lr=0.1\n[1]\n$(touch " + file + ")\n--seed=1; touch " +
                                         file + "\ndoctor\n--help\njobs\n");
  const std::vector<json> errors = ends_of(outcome);
  ASSERT_EQ(errors.size(), 7) << outcome.out;
  for (const json& error : errors) {
    EXPECT_EQ(error["exit_code"], 2);
    EXPECT_THAT(error["error"], HasSubstr("expected ")) << error;
  }
  EXPECT_FALSE(std::filesystem::exists(file));
}

#if !defined(__SANITIZE_ADDRESS__)  // which needs more addresses than this limit leaves
TEST(Jobs, GoOnIfMemoryIsShortForOne) {
  const test::Outcome outcome = test::run(
      Arguments{"sh", "-c", "ulimit -v 4000000; exec \"$@\"", "sh", MNIST_TRAIN_PROGRAM, "jobs"} +
          kSmall,
      "--hidden=65536,65536\n--lr=0.1\n");
  EXPECT_EQ(outcome.exit_code, 1);
  const std::vector<json> ends = ends_of(outcome);
  ASSERT_EQ(ends.size(), 2) << outcome.out;
  EXPECT_THAT(ends[0]["error"], HasSubstr("out of memory"));
  EXPECT_EQ(ends[1]["status"], "completed");
}
#endif

TEST(Jobs, TrainTheWeightsOfRunsOfTheirOwn) {
  const test::TempDir dir;
  const std::vector<Arguments> runs{
      {"--lr=0.1", "--epochs=3", "--out=" + (dir / "run").string()},
      {"--engine=autograd", "--threads=2", "--batch=64", "--momentum=0.9"},
      {"--shuffle", "--threads=2", "--validation=50", "--augment=shift", "--seed=2"},
      {"--engine=autograd", "--epochs=2"}};
  std::string lines;
  for (const Arguments& run : runs) lines += joined(run);
  const std::vector<json> results = ends_of(run_jobs(lines));
  ASSERT_EQ(results.size(), runs.size());
  EXPECT_TRUE(std::filesystem::exists(dir / "run/model.safetensors"));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    SCOPED_TRACE(joined(runs[i]));
    Arguments alone = kSmall + runs[i] + Arguments{"--json"};
    if (i == 0) alone.push_back("--overwrite");
    const test::Outcome outcome = test::run_program(alone);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(results[i]["model_sha256"], json::parse(outcome.out)["model_sha256"]);
  }
}

/// `mnist-train jobs` while it runs.
class RunningJobs {
 public:
  RunningJobs() {
    for (const char* pipe : {"in", "out"}) EXPECT_EQ(mkfifo((dir_ / pipe).c_str(), 0600), 0);
    const std::string command =
        "cd '" + dir_.path().string() + "' && exec \"$0\" \"$@\" < in > out";
    jobs_.emplace(Arguments{"sh", "-c", command, MNIST_TRAIN_PROGRAM, "jobs"} + kSmall);
    in_.open(dir_ / "in");
    out_.open(dir_ / "out");
  }

  void start(const std::string& line) { in_ << line << std::endl; }
  void send(int number) const { jobs_->send(number); }

  json next_line() {
    std::string line;
    return std::getline(out_, line) ? json::parse(line) : json("end");
  }

  /// The next line that ends a job.
  json next_end() {
    json line = next_line();
    while (line.is_object() && line.contains("epoch")) line = next_line();
    return line;
  }

  /// Ends the input. What Running::wait() returns.
  int wait() {
    in_.close();
    return jobs_->wait();
  }

 private:
  test::TempDir dir_;
  std::optional<Running> jobs_;
  std::ofstream in_;
  std::ifstream out_;
};

TEST(Jobs, LoadTheDataOnce) {
  const test::TempDir dir;
  const std::string set = (dir / "set").string();
  test::write_data_set(set, 300, 10);
  RunningJobs jobs;
  jobs.start("--data=" + set);
  EXPECT_EQ(jobs.next_end()["status"], "completed");
  std::filesystem::remove_all(set);
  jobs.start("--lr=0.1 --data=" + set);
  EXPECT_EQ(jobs.next_end()["status"], "completed");
  jobs.start("--train-limit=100 --data=" + set);  // which is not in memory
  EXPECT_EQ(jobs.next_end()["exit_code"], 3);
  EXPECT_EQ(jobs.wait(), 3);
}

TEST(Jobs, EndOneBySigusr1) {
  RunningJobs jobs;
  jobs.start("--epochs=1000000");
  EXPECT_EQ(jobs.next_line()["epoch"], 1);
  jobs.send(SIGUSR1);
  const json ended = jobs.next_end();
  EXPECT_EQ(ended["status"], "interrupted");
  EXPECT_GE(ended["epochs"], 1);
  jobs.send(SIGUSR1);  // too late: there is nothing to end
  jobs.start("--epochs=2");
  EXPECT_EQ(jobs.next_end()["status"], "completed");
  EXPECT_EQ(jobs.wait(), 143);
}

TEST(Jobs, EndAllByASignalAlsoAfterSigusr1) {
  for (const auto& [signals, ended] : std::vector<std::pair<std::vector<int>, int>>{
           {{SIGINT}, -SIGINT}, {{SIGUSR1, SIGTERM}, 143}}) {  // 130 to a shell
    RunningJobs jobs;
    jobs.start("--epochs=1000000\n--epochs=1");
    EXPECT_EQ(jobs.next_line()["epoch"], 1);
    for (const int number : signals) jobs.send(number);
    EXPECT_EQ(jobs.next_end()["status"], "interrupted");
    EXPECT_EQ(jobs.next_line(), "end");
    EXPECT_EQ(jobs.wait(), ended);
  }
}

}  // namespace
}  // namespace mnist
