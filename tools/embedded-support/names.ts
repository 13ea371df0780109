// What MongoDB's manual, version 7.0, publishes: "Query and Projection Operators", "Update Operators", "Aggregation
// Stages", "Aggregation Operators" and "Database Commands". Names are facts; whether we do them, the probes find out.

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Query operators that stand before a condition of a field. */
export const fieldConditions = words(`
  $eq $gt $gte $in $lt $lte $ne $nin $not $exists $type $mod $regex $options $all $elemMatch $size
  $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $geoIntersects $geoWithin $near $nearSphere`);

/** Query operators that stand where a field would. */
export const topConditions = words('$and $nor $or $expr $comment $sampleRate $jsonSchema $text $where');

/** Projection operators of find. */
export const projections = words('$elemMatch $slice $meta');

/** Update operators. */
export const updates = words(`
  $currentDate $inc $min $max $mul $rename $set $setOnInsert $unset $addToSet $pop $pull $push $pullAll $bit`);

/** Modifiers of $push. */
export const pushModifiers = words('$each $position $slice $sort');

/** Aggregation stages. */
export const stages = words(`
  $addFields $bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $count $currentOp $densify
  $documents $facet $fill $geoNear $graphLookup $group $indexStats $limit $listLocalSessions $listSampledQueries
  $listSearchIndexes $listSessions $lookup $match $merge $out $planCacheStats $project $redact $replaceRoot $replaceWith
  $sample $search $searchMeta $set $setWindowFields $shardedDataDistribution $skip $sort $sortByCount $unionWith $unset
  $unwind $vectorSearch`);

/** Accumulators of $group. */
export const accumulators = words(`
  $accumulator $addToSet $avg $bottom $bottomN $count $first $firstN $last $lastN $max $maxN $median $mergeObjects $min
  $minN $percentile $push $stdDevPop $stdDevSamp $sum $top $topN`);

/** Functions of $setWindowFields. */
export const windowFunctions = words(`
  $addToSet $avg $bottom $bottomN $count $covariancePop $covarianceSamp $denseRank $derivative $documentNumber
  $expMovingAvg $first $firstN $integral $last $lastN $linearFill $locf $max $maxN $median $min $minN $percentile $push
  $rank $shift $stdDevPop $stdDevSamp $sum $top $topN`);

/** Expression operators. */
export const expressions = words(`
  $abs $acos $acosh $add $allElementsTrue $and $anyElementTrue $arrayElemAt $arrayToObject $asin $asinh $atan $atan2
  $atanh $avg $binarySize $bitAnd $bitNot $bitOr $bitXor $bsonSize $ceil $cmp $concat $concatArrays $cond $convert $cos
  $cosh $dateAdd $dateDiff $dateFromParts $dateFromString $dateSubtract $dateToParts $dateToString $dateTrunc $dayOfMonth
  $dayOfWeek $dayOfYear $degreesToRadians $divide $eq $exp $filter $first $firstN $floor $function $getField $gt $gte
  $hour $ifNull $in $indexOfArray $indexOfBytes $indexOfCP $isArray $isNumber $isoDayOfWeek $isoWeek $isoWeekYear $last
  $lastN $let $literal $ln $log $log10 $lt $lte $ltrim $map $max $maxN $median $mergeObjects $meta $millisecond $min
  $minN $minute $mod $month $multiply $ne $not $objectToArray $or $percentile $pow $radiansToDegrees $rand $range $reduce
  $regexFind $regexFindAll $regexMatch $replaceAll $replaceOne $reverseArray $round $rtrim $second $setDifference
  $setEquals $setField $setIntersection $setIsSubset $setUnion $sin $sinh $size $slice $sortArray $split $sqrt
  $stdDevPop $stdDevSamp $strLenBytes $strLenCP $strcasecmp $substr $substrBytes $substrCP $subtract $sum $switch $tan
  $tanh $toBool $toDate $toDecimal $toDouble $toHashedIndexKey $toInt $toLong $toLower $toObjectId $toString $toUpper
  $trim $trunc $tsIncrement $tsSecond $type $unsetField $week $year $zip`);

/** Database commands, those of sharded clusters, replica sets, roles and Enterprise's auditing left out. */
export const commands = words(`
  abortTransaction aggregate authenticate buildInfo cloneCollectionAsCapped collMod collStats commitTransaction compact
  connPoolStats connectionStatus convertToCapped count create createIndexes createUser currentOp dataSize dbHash dbStats
  delete distinct drop dropConnections dropDatabase dropIndexes dropUser endSessions explain features filemd5 find
  findAndModify fsync fsyncUnlock getAuditConfig getCmdLineOpts getDefaultRWConcern getLog getMore getParameter hello
  hostInfo insert isMaster killAllSessions killAllSessionsByPattern killCursors killOp killSessions listCollections
  listCommands listDatabases listIndexes lockInfo logRotate logout mapReduce ping planCacheClear planCacheSetFilter
  profile refreshSessions reIndex renameCollection rotateCertificates serverStatus setDefaultRWConcern
  setFeatureCompatibilityVersion setIndexCommitQuorum setParameter setUserWriteBlockMode shutdown startSession top update
  validate validateDBMetadata whatsmyuri`);
