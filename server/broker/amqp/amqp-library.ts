// amqplib, a chunk of the build that is loaded only where there is a RabbitMQ.
export { connect } from 'amqplib';
