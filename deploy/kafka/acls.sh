#!/bin/sh
# What Shoal may do in a Kafka with an authorizer, and no more; for Strimzi the chart has the same as a KafkaUser.
#
#   deploy/kafka/acls.sh User:shoal payments card-payments | sh          # gives the rights
#   KAFKA_ACLS='kafka-acls.sh --bootstrap-server b:9093 --command-config admin.properties' deploy/kafka/acls.sh … | sh
#
# $1 the principal, $2 `name` (and topics.prefix), $3 input.topic; $4 `fixed` when topics.create is false, else `created`;
# $5 and on the deployments that stand beside it (docs/blue-green.md), whose positions it follows and whose outputs it may write.
set -eu
principal=$1 name=$2 input=$3 topics=${4:-created}
shift $(($# < 4 ? $# : 4))
acls=${KAFKA_ACLS:-kafka-acls.sh --bootstrap-server localhost:9092}

allow() {
  resource=$1 pattern=$2 value=$3
  shift 3
  operations=''
  for operation in "$@"; do operations="$operations --operation $operation"; done
  echo "$acls --add --allow-principal '$principal'$operations --$resource '$value' --resource-pattern-type $pattern"
}

allow topic literal "$input" Read Describe DescribeConfigs
making='Create Alter'
if [ "$topics" = fixed ]; then making=''; fi
allow topic prefixed "$name." Read Write Describe DescribeConfigs $making
allow group literal "$name" Read Describe
allow group literal "$name.train" Read Describe
allow transactional-id prefixed "$name-" Write Describe
for beside in "$@"; do
  for topic in assignments anomalies dead-letters primary; do
    allow topic literal "$beside.$topic" Read Write Describe DescribeConfigs $making
  done
  allow group literal "$beside" Read Describe
done
