#include "cli/usage_error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>
#include <vector>

namespace mnist {
namespace {

/// What other trainers call an option, and what it is here: an option, or a sentence to say why
/// there is none. Without dashes, and in lower case.
struct Synonyms {
  std::string_view answer;
  std::string_view words;
};

constexpr std::array kSynonyms{
    Synonyms{"--lr", "learningrate learningrateinit lrate rate eta eta0 lr0 initlr baselr"},
    Synonyms{"--epochs",
             "e ep epoch nepochs nepoch numepochs numtrainepochs maxepochs maxepoch "
             "totalepochs iterations maxiter"},
    Synonyms{"--batch",
             "b bs batchsize minibatch minibatchsize trainbatchsize batchsizetrain "
             "perdevicetrainbatchsize"},
    Synonyms{"--weight-decay", "wd decay l2 l2reg weightdecayrate"},
    Synonyms{"--momentum", "m mom mu sgdmomentum momentumfactor"},
    Synonyms{"--hidden",
             "hiddensize hiddensizes hiddendim hiddendims hiddenlayers hiddenunits "
             "hiddenlayersizes nhidden numhidden layers width widths"},
    Synonyms{"--seed", "randomseed manualseed randomstate rngseed"},
    Synonyms{"--threads",
             "j jobs njobs nthreads numthreads workers numworkers nworkers cpus "
             "ncpus cores numcpus numcores"},
    Synonyms{"--data", "d dataset datadir datapath dataroot datafolder root rootdir inputdir"},
    Synonyms{"--out",
             "o output outputdir outdir outputpath savedir savepath savemodel save logdir "
             "logs project name experiment rundir workdir checkpointdir ckptdir modeldir"},
    Synonyms{"--resume", "checkpoint ckpt continue restart resumefrom resumefromcheckpoint"},
    Synonyms{"--model", "weights checkpoint ckpt pretrained modelpath modelfile load loadmodel"},
    Synonyms{"--validation",
             "val valid valsize valsplit nval holdout validationsplit "
             "validationsize validationfraction"},
    Synonyms{"--train-limit",
             "trainsize ntrain numtrain trainsamples maxtrainsamples subset limit "
             "limittrainbatches"},
    Synonyms{"--test-limit", "testsize ntest numtest testsamples maxtestsamples maxevalsamples"},
    Synonyms{"--patience", "earlystop earlystopping earlystoppingpatience niternochange"},
    Synonyms{"--min-accuracy", "targetaccuracy minacc accuracy threshold"},
    Synonyms{"--max-time", "timelimit timeout walltime"},
    Synonyms{"--overwrite", "f force existok clobber"},
    Synonyms{"--save-every", "saveinterval saveperiod savefreq checkpointinterval checkpointevery"},
    Synonyms{"--config", "c cfg conf configfile"},
    Synonyms{"--quiet", "q silent"},
    Synonyms{"--verbose", "v debug loglevel"},
    Synonyms{"--device",
             "devices gpu gpus ngpu ngpus numgpus gpuid gpuids cuda nocuda usecuda disablecuda cpu "
             "nogpu usegpu mps nomps accel noaccel accelerator"},
    Synonyms{"it computes in float32 on one device; leave it out",
             "tpu distributed worldsize localrank amp fp16 bf16 precision"},
    Synonyms{"it logs a line each epoch; leave it out",
             "loginterval logfreq logevery logsteps loggingsteps printfreq printevery wandb"},
    Synonyms{"--lr-schedule", "schedule scheduler lrscheduler lrdecay"},
    Synonyms{"--warmup", "warmupepochs"},
    Synonyms{"--augment", "aug augmentation augmentations dataaugmentation transform transforms"},
    Synonyms{"the learning rate falls by --lr-schedule linear or cosine",
             "gamma lrgamma lrstep lrstepsize stepsize milestones"},
    Synonyms{"the warm-up counts in epochs: --warmup", "warmupsteps"},
    Synonyms{"it trains by SGD; leave it out", "optimizer optim opt solver adam betas nesterov"},
    Synonyms{"the network is linear layers with ReLU; choose their widths with --hidden",
             "model arch architecture net network activation dropout batchnorm"},
    Synonyms{"a test has no batches; leave it out", "testbatchsize evalbatchsize valbatchsize"},
    Synonyms{"for a quick trial give --train-limit 1000 --epochs 1", "dryrun fastdevrun smoketest"},
    Synonyms{"scripts/fetch_mnist.sh fetches the data; leave it out", "download"},
};

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(const std::string& from, const std::string& to) {
  std::vector<std::vector<std::size_t>> edits(from.size() + 1);
  for (std::size_t i = 0; i <= from.size(); ++i) {
    for (std::size_t j = 0; j <= to.size(); ++j) {
      std::size_t fewest = i + j;
      if (i > 0 && j > 0) {
        const std::size_t replaced = edits[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
        fewest = std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1, replaced});
      }
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        fewest = std::min(fewest, edits[i - 2][j - 2] + 1);
      }
      edits[i].push_back(fewest);
    }
  }
  return edits.back().back();
}

/// Without dashes and in lower case: --Batch_Size is batchsize.
std::string plain(const std::string& name) {
  std::string letters;
  for (const char letter : name) {
    if (letter != '-' && letter != '_')
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return letters;
}

/// " (did you mean '--lr'?)", or why there is no such option; empty if nothing is known of it.
std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  std::optional<std::string> meant;
  for (const auto& [answer, words] : kSynonyms) {
    const bool is_one =
        fmt::format(" {} ", words).find(fmt::format(" {} ", plain(name))) != std::string::npos;
    if (!is_one || meant) continue;
    // The option that the answer is, or names first, has to be one of the command.
    const std::size_t begin = std::min(answer.find("--"), answer.size());
    const std::string_view option = answer.substr(begin, answer.find(' ', begin) - begin);
    if (!option.empty() && std::find(known.begin(), known.end(), option) == known.end()) continue;
    if (!answer.starts_with("--")) return fmt::format(" ({})", answer);
    meant = answer;
  }
  if (!meant) meant = nearest(name, known);
  return meant ? fmt::format(" (did you mean '{}'?)", *meant) : "";
}

}  // namespace

std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& candidates) {
  const std::string given = plain(word);
  std::optional<std::string> best;
  std::optional<std::string> only_longer;
  std::size_t longer = 0;
  // One edit of two letters leaves too little to guess from.
  const std::size_t size = given.size();
  std::size_t best_distance = size < 3 ? 1 : std::min<std::size_t>(4, (size + 4) / 3);
  for (const std::string& candidate : candidates) {
    const std::string letters = plain(candidate);
    if (letters.empty()) continue;
    const std::size_t distance =
        given.starts_with(letters) ? given != letters : edit_distance(given, letters);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
    if (size < 2 || !letters.starts_with(given)) continue;
    only_longer = candidate;
    ++longer;
  }
  return best || longer != 1 ? best : only_longer;
}

void fail_at_option(const CLI::App& app, const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
  }
  fail_usage("{}unknown option '{}'{}", where, name, suggestion(name, known));
}

void fail_at_argument(const CLI::App& app, const std::string& argument) {
  std::vector<std::string> known;
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(subcommand->get_name());
    if (argument == known.back()) fail_usage("expected one command, found also '{}'", argument);
  }
  fail_usage("unexpected argument '{}'{}", argument, suggestion(argument, known));
}

std::string with_dashes(std::string argument) {
  if (!argument.starts_with("--")) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  // CLI11 would take the next argument for the value of `--data=`.
  if (end + 1 == argument.size()) {
    fail_usage("{}: expected a value, found none", argument.substr(0, end));
  }
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

}  // namespace mnist
